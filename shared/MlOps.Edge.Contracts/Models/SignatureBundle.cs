using System.Text.Json.Serialization;

namespace MlOps.Edge.Contracts.Models;

/// <summary>
/// A model signature in the form of OpenSSF model-signing 1.0: a Sigstore bundle that holds a DSSE envelope
/// (https://github.com/secure-systems-lab/dsse) around an in-toto statement which lists the signed files.
/// </summary>
public sealed record SignatureBundle
{
    public const string BundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    public required string MediaType { get; init; }

    public required VerificationMaterial VerificationMaterial { get; init; }

    public required DsseEnvelope DsseEnvelope { get; init; }
}

public sealed record VerificationMaterial(PublicKeyHint PublicKey);

/// <param name="Hint">SHA-256 of the signer's SubjectPublicKeyInfo, hexadecimal.</param>
public sealed record PublicKeyHint(string Hint);

public sealed record DsseEnvelope(string Payload, string PayloadType, IReadOnlyList<DsseSignature> Signatures);

/// <param name="Sig">ECDSA P-256 over SHA-256 of the pre-authentication encoding, ASN.1 DER (RFC 3279), base64.</param>
public sealed record DsseSignature(string Sig, string Keyid);

/// <summary>in-toto Statement v1 with the model-signing predicate.</summary>
public sealed record SignedStatement
{
    public const string PayloadType = "application/vnd.in-toto+json";
    public const string StatementType = "https://in-toto.io/Statement/v1";
    public const string ModelSigningPredicate = "https://model_signing/signature/v1.0";

    [JsonPropertyName("_type")]
    public required string Type { get; init; }

    public required IReadOnlyList<SignedSubject> Subject { get; init; }

    public required string PredicateType { get; init; }

    public required SignedPredicate Predicate { get; init; }
}

public sealed record SignedSubject(string Name, IReadOnlyDictionary<string, string> Digest);

public sealed record SignedPredicate(SignedSerialization Serialization, IReadOnlyList<SignedResource> Resources);

public sealed record SignedSerialization(string Method, [property: JsonPropertyName("hash_type")] string HashType, [property: JsonPropertyName("allow_symlinks")] bool AllowSymlinks);

public sealed record SignedResource(string Name, string Algorithm, string Digest);
