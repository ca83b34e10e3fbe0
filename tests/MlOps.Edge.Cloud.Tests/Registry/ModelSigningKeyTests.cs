using System.Security.Cryptography;
using MlOps.Edge.Cloud.Registry;

namespace MlOps.Edge.Cloud.Tests.Registry;

public sealed class ModelSigningKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signing-").FullName;

    private string KeyFile => Path.Combine(_folder, "keys", "model-signing.pem");

    [Fact]
    public void A_key_is_made_once_and_only_its_owner_can_read_it()
    {
        using var first = new ModelSigningKey(KeyFile);
        using var second = new ModelSigningKey(KeyFile);

        Assert.Equal(first.PublicKeyPem, second.PublicKeyPem);
        Assert.Single(Directory.GetFiles(Path.Combine(_folder, "keys")));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        }
    }

    [Fact]
    public void Starts_at_the_same_moment_agree_on_one_key()
    {
        var keys = new string[8];
        Parallel.For(0, keys.Length, i =>
        {
            using var key = new ModelSigningKey(KeyFile);
            keys[i] = key.PublicKeyPem;
        });

        Assert.Single(keys.Distinct());
    }

    [Fact]
    public void Another_curve_no_key_at_all_and_no_folder_are_each_told_by_name()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KeyFile)!);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Write(other.ExportPkcs8PrivateKeyPem());
        Assert.Contains("not on the curve P-256", Assert.Throws<SigningKeyException>(() => new ModelSigningKey(KeyFile)).Message, StringComparison.Ordinal);

        Write("no key");
        Assert.Contains(KeyFile, Assert.Throws<SigningKeyException>(() => new ModelSigningKey(KeyFile)).Message, StringComparison.Ordinal);

        var under = Path.Combine(KeyFile, "deeper.pem");
        Assert.Contains(under, Assert.Throws<SigningKeyException>(() => new ModelSigningKey(under)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_others_can_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "skipped: no Unix permissions here");
        new ModelSigningKey(KeyFile).Dispose();
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        }

        Assert.Contains("chmod 600", Assert.Throws<SigningKeyException>(() => new ModelSigningKey(KeyFile)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string text)
    {
        File.WriteAllText(KeyFile, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
