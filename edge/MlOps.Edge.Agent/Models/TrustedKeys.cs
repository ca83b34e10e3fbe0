using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Models;

/// <summary>
/// The public keys that may sign models: those of the configuration; else the one pinned in the state folder; else,
/// where that is allowed, the first one that the broker gives, which is pinned then and never replaced by the wire.
/// </summary>
internal sealed partial class TrustedKeys : IInbox, IDisposable
{
    private const string PinnedFile = "trusted-key.pem";
    private readonly List<ECDsa> _keys = [];
    private readonly string _pinnedPath;
    private readonly bool _mayPin;
    private readonly ILogger<TrustedKeys> _logger;

    public TrustedKeys(ModelOptions options, LinkOptions link, string stateFolder, ILogger<TrustedKeys> logger)
    {
        _logger = logger;
        _pinnedPath = Path.Combine(stateFolder, PinnedFile);
        _mayPin = options.TrustedKeys.Count == 0 && (options.TrustOnFirstUse ?? IsThisMachine(link.Host));
        foreach (var file in options.TrustedKeys)
        {
            _keys.Add(Read(file));
        }

        if (_keys.Count == 0 && File.Exists(_pinnedPath))
        {
            _keys.Add(Read(_pinnedPath));
        }
    }

    /// <summary>Raised when a key was pinned.</summary>
    public Pulse Changed { get; } = new();

    public IReadOnlyList<ECDsa> Keys => _keys;

    /// <summary>Why a model cannot be verified yet; null when it can.</summary>
    public string? Lacking => _keys.Count > 0 ? null
        : _mayPin ? "no model-signing key has come from the broker yet"
        : "no key is trusted: set Models:TrustedKeys, or Models:TrustOnFirstUse=true to believe the broker's first one";

    public bool TryReceive(string topic, ReadOnlyMemory<byte> payload)
    {
        if (topic != Topics.ModelSigningKey)
        {
            return false;
        }

        if (_keys.Count == 0 && _mayPin)
        {
            Pin(payload.Span);
        }

        return true;
    }

    private void Pin(ReadOnlySpan<byte> pem)
    {
        try
        {
            var key = Parse(Encoding.UTF8.GetString(pem));
            DurableFile.Write(_pinnedPath, pem);
            _keys.Add(key);
            LogPinned(ModelSigning.KeyId(key));
            Changed.Raise();
        }
        catch (FormatException e)
        {
            LogUnreadable(e.Message);
        }
    }

    public void Dispose() => _keys.ForEach(key => key.Dispose());

    private static bool IsThisMachine(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static ECDsa Read(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file));
        }
        catch (FormatException e)
        {
            throw new AgentConfigurationException($"The trusted key '{file}' cannot be used: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AgentConfigurationException.Unreadable($"The trusted key '{file}'", e);
        }
    }

    private static ECDsa Parse(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.KeySize == 256 ? key : throw new FormatException($"it is an ECDSA key of {key.KeySize} bits, not P-256");
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new FormatException("it is not an ECDSA public key in PEM", e);
        }
    }

    [LoggerMessage(LogLevel.Information, "The model-signing key {KeyId} is trusted from now on (first use)")]
    private partial void LogPinned(string keyId);

    [LoggerMessage(LogLevel.Warning, "The model-signing key of the broker is not usable: {Reason}")]
    private partial void LogUnreadable(string reason);
}
