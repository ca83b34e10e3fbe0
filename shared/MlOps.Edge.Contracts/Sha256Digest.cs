using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace MlOps.Edge.Contracts;

/// <summary>The SHA-256 of some bytes, written as 64 lower-case hexadecimal digits. It is the name of a blob.</summary>
public readonly record struct Sha256Digest : IParsable<Sha256Digest>
{
    public const int Bytes = SHA256.HashSizeInBytes;

    private readonly string? _hex;

    private Sha256Digest(string hex) => _hex = hex;

    public static Sha256Digest Of(ReadOnlySpan<byte> content) => new(Convert.ToHexStringLower(SHA256.HashData(content)));

    public static Sha256Digest FromHash(ReadOnlySpan<byte> hash) => hash.Length == Bytes
        ? new(Convert.ToHexStringLower(hash))
        : throw new FormatException($"A SHA-256 has {Bytes} bytes, not {hash.Length}.");

    /// <exception cref="FormatException">Not 64 lower-case hexadecimal digits.</exception>
    public static Sha256Digest Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var digest) ? digest : throw new FormatException($"'{s}' is not a SHA-256 (64 lower-case hexadecimal digits).");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Sha256Digest result)
    {
        var valid = s is { Length: 2 * Bytes } && s.All(char.IsAsciiHexDigitLower);
        result = valid ? new Sha256Digest(s!) : default;
        return valid;
    }

    public byte[] ToHash() => Convert.FromHexString(ToString());

    public bool Matches(ReadOnlySpan<byte> content) => Of(content) == this;

    public override string ToString() => _hex ?? "";
}
