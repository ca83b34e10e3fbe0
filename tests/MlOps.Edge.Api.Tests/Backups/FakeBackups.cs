using System.Security.Cryptography;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Api.Tests.Backups;

/// <summary>A store whose backup is a few bytes, and a cloud that counts how often it is asked to start again.</summary>
public sealed class FakeBackups : IStoreBackup, ICloudRestart
{
    public byte[] Content { get; } = [.. "everything durable"u8];

    public List<string> Taken { get; } = [];

    public string? NotIncluded { get; set; }

    public int Restarts { get; private set; }

    public async Task<BackupCopy> TakeAsync(CancellationToken cancellationToken)
    {
        var path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, Content, cancellationToken);
        Taken.Add(path);
        return new(path, SHA256.HashData(Content)) { NotIncluded = NotIncluded };
    }

    public async Task<StagedBackup> StageAsync(Stream content, CancellationToken cancellationToken)
    {
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellationToken);
        return copy.ToArray().AsSpan().SequenceEqual(Content) ? new(copy.Length, 2, "cloud.db.replaced-1") : throw new InvalidBackupException("The file is no backup.");
    }

    public void Request() => Restarts++;
}
