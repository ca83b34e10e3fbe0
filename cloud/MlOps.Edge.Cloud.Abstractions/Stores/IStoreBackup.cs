namespace MlOps.Edge.Cloud.Stores;

/// <summary>A copy of everything durable that the cloud keeps itself, taken while the cloud works, and the way back to one.</summary>
public interface IStoreBackup
{
    /// <summary>Takes a copy of one moment.</summary>
    /// <exception cref="StoreException">There is no room for it.</exception>
    Task<BackupCopy> TakeAsync(CancellationToken cancellationToken);

    /// <summary>Checks a copy and lays it in readiness: the cloud takes it the next time it starts, and keeps what it had before beside it.</summary>
    /// <exception cref="InvalidBackupException">It is no whole backup, or a newer cloud's.</exception>
    Task<StagedBackup> StageAsync(Stream content, CancellationToken cancellationToken);
}

/// <summary>A backup in a file that goes when this is disposed.</summary>
public sealed class BackupCopy(string path, byte[] sha256) : IDisposable
{
    public string Path { get; } = path;

    public long Bytes { get; } = new FileInfo(path).Length;

    public byte[] Sha256 { get; } = sha256;

    /// <summary>What is durable and elsewhere, and how it is backed up, in one line; null: all is in it.</summary>
    public string? NotIncluded { get; init; }

    public void Dispose() => File.Delete(Path);
}

/// <param name="Schema">The version of the store that wrote it; an older one is brought forward when it is opened.</param>
/// <param name="Replaces">Where what is there now will be kept.</param>
public sealed record StagedBackup(long Bytes, int Schema, string Replaces);

/// <summary>What was given is not a backup that this cloud can take. The message says why and what to do.</summary>
public sealed class InvalidBackupException(string message) : Exception(message);

/// <summary>Whoever runs the cloud, where it can start it again.</summary>
public interface ICloudRestart
{
    /// <summary>Stops the cloud once its present answers are given, and starts it again.</summary>
    void Request();
}
