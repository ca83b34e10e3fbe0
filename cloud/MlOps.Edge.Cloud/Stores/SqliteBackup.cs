using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Contracts.Storage;

namespace MlOps.Edge.Cloud.Stores;

/// <param name="telemetry">Where telemetry is; null: in the file.</param>
internal sealed class SqliteBackup(SqliteDatabase database, PostgresDatabase? telemetry = null) : IStoreBackup
{
    private readonly string _folder = Path.GetDirectoryName(database.Path)!;

    public async Task<BackupCopy> TakeAsync(CancellationToken cancellationToken)
    {
        var copy = PassingFile.Name(_folder, PassingFile.Backup);
        try
        {
            await Task.Run(() => Copy(copy), cancellationToken);
            await using var file = new FileStream(copy, FileMode.Open, FileAccess.ReadWrite);
            file.Flush(flushToDisk: true);
            return new(copy, await SHA256.HashDataAsync(file, cancellationToken))
            {
                NotIncluded = telemetry is null ? null : $"telemetry; it is in PostgreSQL at {telemetry.Place}: back that up with pg_dump",
            };
        }
        catch (Exception e)
        {
            PassingFile.Delete(copy);
            throw e is SqliteException sqlite ? StoreException.From(sqlite, copy) : e;
        }
    }

    public async Task<StagedBackup> StageAsync(Stream content, CancellationToken cancellationToken)
    {
        var part = PassingFile.Name(_folder, PassingFile.Restore);
        try
        {
            await using (var file = new FileStream(part, FileMode.CreateNew, FileAccess.Write))
            {
                await content.CopyToAsync(file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            var schema = await Task.Run(() => Check(part), cancellationToken);
            var staged = new StagedBackup(new FileInfo(part).Length, schema, Path.GetFileName(StagedFile.Aside(database.Path)));
            File.Move(part, StagedFile.Of(database.Path), overwrite: true);
            Durable.SyncFolder(_folder);
            return staged;
        }
        finally
        {
            PassingFile.Delete(part);
        }
    }

    // One reading transaction: what is written meanwhile is not in it, and nobody waits.
    private void Copy(string copy)
    {
        using var session = CloudFile.Connect(database.Path, SqliteOpenMode.ReadOnly);
        session.Execute("VACUUM INTO $1", copy);
    }

    private static int Check(string path)
    {
        try
        {
            using var session = CloudFile.Connect(path, SqliteOpenMode.ReadOnly);
            if (session.First("PRAGMA integrity_check(1)", row => row.GetString(0)) is not "ok" and var found)
            {
                throw new InvalidBackupException($"The backup is damaged ({found}); take another copy of it, or an older one.");
            }

            if (CloudFile.Problem(session) is { } problem)
            {
                throw new InvalidBackupException($"The file {problem}; give what 'mlops backup' made.");
            }

            var schema = session.First("PRAGMA user_version", row => row.GetInt32(0));
            return schema switch
            {
                0 => throw new InvalidBackupException("The file is not a cloud's database (it is empty); give what 'mlops backup' made."),
                _ when schema > SqliteSchema.Version => throw new InvalidBackupException(
                    $"The backup has schema {schema}, made by a newer cloud; this one knows up to {SqliteSchema.Version}. Restore it into the newer cloud."),
                _ => schema,
            };
        }
        catch (SqliteException e)
        {
            throw new InvalidBackupException($"The file is no backup of a cloud ({e.Message}); give what 'mlops backup' made.");
        }
    }
}
