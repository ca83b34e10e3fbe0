using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Contracts.Storage;

namespace MlOps.Edge.Cloud.Registry;

/// <summary>A signing key in a file that only its owner can read.</summary>
internal sealed partial class ModelSigningKey : IModelSigningKey, IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ECDsa _key;
    private readonly Lock _gate = new();

    public ModelSigningKey(IOptions<RegistryOptions> options)
        : this(options.Value.SigningKey)
    {
    }

    /// <param name="path">PEM; made when it is not there.</param>
    /// <exception cref="SigningKeyException">It cannot be read or made, or is not such a key; the message names it and the way out.</exception>
    internal ModelSigningKey(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                Create(path);
            }

            _key = Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SigningKeyException($"The signing key '{path}' can be neither read nor made: {e.Message}", e);
        }

        PublicKeyPem = _key.ExportSubjectPublicKeyInfoPem();
    }

    public string PublicKeyPem { get; }

    public byte[] Sign(string subject, Sha256Digest manifest, Sha256Digest model)
    {
        lock (_gate)
        {
            return ModelSigning.Sign(_key, subject, manifest, model);
        }
    }

    public void Dispose() => _key.Dispose();

    private static void Create(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Durable.CreateFolder(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // Whole or not at all: a start that is cut short must not leave half a key under the real name.
        var draft = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}");
        var access = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            access.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(draft, access))
        {
            using (var text = new StreamWriter(file, leaveOpen: true))
            {
                text.Write(key.ExportPkcs8PrivateKeyPem());
                text.Write('\n');
            }

            file.Flush(flushToDisk: true);
        }

        try
        {
            Claim(draft, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its key counts.
        }

        Durable.SyncFolder(folder);
        File.Delete(draft);
    }

    // On Unix a move without overwriting looks first and renames then, and two starts at once may both see nothing; a link is
    // made only where there is no file, in one step.
    private static void Claim(string draft, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(draft, path, overwrite: false);
        }
        else if (Link(draft, path) != 0)
        {
            throw new IOException($"'{path}' cannot be made (errno {Marshal.GetLastPInvokeError()}).");
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string added);

    private static ECDsa Read(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(OwnerOnly | UnixFileMode.UserExecute)) != 0)
        {
            throw new SigningKeyException($"The signing key '{path}' is open to others; make it yours alone: chmod 600 {path}");
        }

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            var parameters = key.ExportParameters(includePrivateParameters: true);
            CryptographicOperations.ZeroMemory(parameters.D);
            if (parameters.Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
            {
                throw new SigningKeyException($"The signing key '{path}' is not on the curve P-256. Put the right key there, or move it away and a new one is made.");
            }

            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new SigningKeyException($"The signing key '{path}' is not an ECDSA P-256 private key in PEM. Put the right key there, or move it away and a new one is made.", e);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}

/// <summary>There is no usable signing key. The message names the file and the way out.</summary>
public sealed class SigningKeyException(string message, Exception? cause = null) : Exception(message, cause);
