using System.Globalization;
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
        var copy = Path.Combine(_folder, $"backup-{Guid.NewGuid():N}.tmp");
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
            File.Delete(copy);
            throw e is SqliteException sqlite ? StoreException.From(sqlite, copy) : e;
        }
    }

    public async Task<StagedBackup> StageAsync(Stream content, CancellationToken cancellationToken)
    {
        var part = Path.Combine(_folder, $"restore-{Guid.NewGuid():N}.tmp");
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
            File.Delete(part);
        }
    }

    // One reading transaction: what is written meanwhile is not in it, and nobody waits.
    private void Copy(string copy)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database.Path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $1";
        command.Parameters.AddWithValue("$1", copy);
        command.ExecuteNonQuery();
    }

    private static int Check(string path)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
            connection.Open();
            var found = Ask(connection, "PRAGMA integrity_check(1)");
            var schema = int.Parse(Ask(connection, "PRAGMA user_version"), CultureInfo.InvariantCulture);
            return (found, schema) switch
            {
                (not "ok", _) => throw new InvalidBackupException($"The backup is damaged ({found}); take another copy of it, or an older one."),
                (_, 0) => throw new InvalidBackupException("The file is a database, but not of this cloud; give what 'mlops backup' made."),
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

    private static string Ask(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of this class.
        command.CommandText = pragma;
#pragma warning restore CA2100
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }
}
