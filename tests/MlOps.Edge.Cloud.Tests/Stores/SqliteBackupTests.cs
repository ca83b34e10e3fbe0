using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Stores;

public sealed class SqliteBackupTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-backup-");
    private readonly DirectoryInfo _elsewhere = Directory.CreateTempSubdirectory("mlops-backup-elsewhere-");
    private readonly TemporaryStores _stores;

    public SqliteBackupTests() => _stores = new(_folder);

    [Fact]
    public async Task A_copy_of_one_moment_is_taken_while_others_write_and_becomes_the_store_when_it_is_opened_again()
    {
        await StoreAsync(1, 50);
        var writing = Task.Run(() => StoreAsync(51, 400), Never);
        byte[] copied;
        using (var copy = await _stores.Get<IStoreBackup>().TakeAsync(Never))
        {
            copied = await File.ReadAllBytesAsync(copy.Path, Never);
            Assert.Equal(SHA256.HashData(copied), copy.Sha256);
        }

        await writing;
        var staged = await StageAsync(copied);
        Assert.Equal(400, (await Store.CountAsync(Never)).Batches); // what is there goes on until then
        _stores.Reopen();

        var batches = (await Store.CountAsync(Never)).Batches;
        Assert.InRange(batches, 50, 400);
        Assert.Equal(Enumerable.Range(1, (int)batches).Select(i => (long)i), (await Store.ReadAsync(0, 1000, Never)).Select(b => b.Position));
        Assert.True(File.Exists(Path.Combine(_stores.Folder, staged.Replaces)));
        Assert.Empty(Directory.GetFiles(_stores.Folder, "*.tmp*"));
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("no backup of a cloud")]
    [InlineData("is not a cloud's database (it has no schema version)")]
    [InlineData("made by a newer cloud")]
    public async Task What_is_no_backup_is_refused_and_changes_nothing(string says)
    {
        await StoreAsync(1, 300);
        byte[] content;
        using (var copy = await _stores.Get<IStoreBackup>().TakeAsync(Never))
        {
            content = await File.ReadAllBytesAsync(copy.Path, Never);
        }

        switch (says)
        {
            case "damaged": content.AsSpan(20_000, 30_000).Fill(0x5A); break;
            case "no backup of a cloud": content = [.. "hello"u8]; break;
            case "is not a cloud's database (it has no schema version)": content.AsSpan(60, 4).Clear(); break; // user_version, https://www.sqlite.org/fileformat.html
            default: content[63] = 99; break;
        }

        Assert.Contains(says, (await Assert.ThrowsAsync<InvalidBackupException>(() => StageAsync(content))).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_stores.Folder, "*.tmp*"));
        _stores.Reopen();
        Assert.Equal(300, (await Store.CountAsync(Never)).Batches);
    }

    [Theory]
    [InlineData("CREATE TABLE a (b); PRAGMA user_version = 2", "is not a cloud's database (it has no ")]
    [InlineData("CREATE TABLE a (b); PRAGMA user_version = 2; PRAGMA journal_mode = WAL", "is not a cloud's database (it has no ")]
    [InlineData("CREATE TABLE a (b); PRAGMA user_version = 1", "is not a cloud's database (it has no ")]
    [InlineData("CREATE TABLE a (b); PRAGMA user_version = 99", "is not a cloud's database (schema 99 ")]
    [InlineData("CREATE TABLE a (b); PRAGMA user_version = 2; PRAGMA application_id = 7", "is not a cloud's database (its application_id is 7)")]
    [InlineData("CREATE TABLE a (b); DROP TABLE a", "is not a cloud's database (it is empty)")]
    public async Task Another_programs_database_is_refused_by_what_it_is(string sql, string says)
    {
        await StoreAsync(1, 3);
        var content = await ContentAsync(await MakeAsync(sql));
        Assert.Contains(says, (await Assert.ThrowsAsync<InvalidBackupException>(() => StageAsync(content))).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_stores.Folder, "*.tmp*"));
        Assert.False(File.Exists(StagedFile.Of(Database)));
        await StoreAsync(4, 5); // the cloud goes on
        Assert.Equal(5, (await Store.CountAsync(Never)).Batches);
    }

    [Theory]
    [InlineData("DROP TABLE telemetry_mark", "but not whole (it has no telemetry_mark.")]
    [InlineData("ALTER TABLE event DROP COLUMN data", "but not whole (it has no event.data)")]
    public async Task A_backup_that_lacks_a_table_or_a_column_is_refused(string sql, string says)
    {
        var content = await ContentAsync(await ChangeAsync(await TakeAsync(), sql));
        Assert.Contains(says, (await Assert.ThrowsAsync<InvalidBackupException>(() => StageAsync(content))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_of_before_the_application_id_is_taken_and_marked()
    {
        await StoreAsync(1, 5);
        var older = await ChangeAsync(await TakeAsync(), "PRAGMA application_id = 0");
        await StoreAsync(6, 9);
        await StageAsync(await ContentAsync(older));
        _stores.Reopen();
        Assert.Equal(5, (await Store.CountAsync(Never)).Batches);
        Assert.Equal(CloudFile.ApplicationId, _stores.Get<SqliteDatabase>().ReadNow(session => session.First("PRAGMA application_id", row => row.GetInt32(0))));
    }

    [Theory]
    [InlineData("hello", "")] // it rotted
    [InlineData("CREATE TABLE a (b); PRAGMA user_version = 2", "")]
    [InlineData("CREATE TABLE a (b); PRAGMA user_version = 2", "moved")] // and a start was cut off when the database had moved, its log not
    [InlineData("CREATE TABLE a (b); PRAGMA user_version = 2", "moved with its log")]
    public async Task A_staged_file_that_cannot_be_opened_is_kept_aside_and_the_cloud_goes_on_with_what_it_had(string staged, string cut)
    {
        await StoreAsync(1, 5);
        var left = (Database: await ReadOpenAsync(Database), Log: await ReadOpenAsync(Database + "-wal")); // as a kill leaves them
        _stores.Dispose();
        await File.WriteAllBytesAsync(Database, left.Database, Never);
        await File.WriteAllBytesAsync(Database + "-wal", left.Log, Never);
        await File.WriteAllBytesAsync(StagedFile.Of(Database), staged == "hello" ? [.. "hello"u8] : await ContentAsync(await MakeAsync(staged)), Never);
        await File.WriteAllTextAsync(Database + ".replaced-2", "an older one", Never);
        await File.WriteAllTextAsync(Database + ".replaced-3-wal", "left when its database was deleted", Never);
        if (cut.Length > 0)
        {
            File.Move(Database, Database + ".replaced-4");
        }

        if (cut == "moved with its log")
        {
            File.Move(Database + "-wal", Database + ".replaced-4-wal");
        }

        var log = new LineLogger();
        SqliteDatabase.Open(_stores.Folder, log).Dispose();
        Assert.Contains("cloud.db.refused-1", Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', log.Lines[0]);
        Assert.True(File.Exists(Database + ".refused-1"));
        Assert.False(File.Exists(StagedFile.Of(Database)));
        Assert.True(File.Exists(Database + ".replaced-2"));
        _stores.Reopen();
        Assert.Equal(5, (await Store.CountAsync(Never)).Batches);
    }

    [Fact]
    public async Task What_a_killed_cloud_has_left_is_deleted_at_the_start_and_nothing_else()
    {
        string[] ours = [$"restore-{Guid.NewGuid():N}.tmp", $"restore-{Guid.NewGuid():N}.tmp-shm", $"restore-{Guid.NewGuid():N}.tmp-wal", $"backup-{Guid.NewGuid():N}.tmp-journal"];
        string[] others = ["backup-monday.tmp", $"backup-{Guid.NewGuid():N}.tmp.kept", "restore-.tmp"];
        foreach (var name in ours.Concat(others))
        {
            await File.WriteAllTextAsync(Path.Combine(_stores.Folder, name), "", Never);
        }

        _stores.Reopen();
        _ = _stores.Get<SqliteDatabase>();
        Assert.Equal(others.Order(StringComparer.Ordinal), Directory.GetFiles(_stores.Folder, "*.tmp*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")] // before anything moved
    [InlineData("moved")] // after the database did
    [InlineData("moved with its log")]
    public async Task A_power_cut_while_it_takes_its_place_is_made_up_for(string cut)
    {
        await StoreAsync(1, 5);
        await StageAsync(await ContentAsync(await TakeAsync()));
        await StoreAsync(6, 9);
        _stores.Dispose();
        File.WriteAllText(Database + "-wal", "a log");
        var aside = StagedFile.Aside(Database);
        if (cut.Length > 0)
        {
            File.Move(Database, aside);
        }

        if (cut == "moved with its log")
        {
            File.Move(Database + "-wal", aside + "-wal");
        }

        _stores.Reopen();
        Assert.Equal(5, (await Store.CountAsync(Never)).Batches);
        Assert.Equal("a log", File.ReadAllText(aside + "-wal"));
        Assert.True(File.Exists(aside));
    }

    public void Dispose()
    {
        _stores.Dispose();
        _folder.Delete(recursive: true);
        _elsewhere.Delete(recursive: true);
    }

    private string Database => Path.Combine(_stores.Folder, SqliteDatabase.FileName);

    private ITelemetryStore Store => _stores.Get<ITelemetryStore>();

    private async Task<StagedBackup> StageAsync(byte[] content)
    {
        using var stream = new MemoryStream(content);
        return await _stores.Get<IStoreBackup>().StageAsync(stream, Never);
    }

    private async Task StoreAsync(int first, int last)
    {
        for (var sequence = first; sequence <= last; sequence++)
        {
            await Store.AppendAsync(TelemetryStoreContract.Record((ulong)sequence, sequence, frame: (ulong)sequence), Never);
        }
    }

    private async Task<string> TakeAsync()
    {
        using var copy = await _stores.Get<IStoreBackup>().TakeAsync(Never);
        var path = Path.Combine(_elsewhere.FullName, Path.GetRandomFileName());
        File.Copy(copy.Path, path);
        return path;
    }

    private Task<string> MakeAsync(string sql) => ChangeAsync(Path.Combine(_elsewhere.FullName, Path.GetRandomFileName()), sql);

    private static async Task<string> ChangeAsync(string path, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync(Never);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of the test.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Never);
        return path;
    }

    private static Task<byte[]> ContentAsync(string path) => File.ReadAllBytesAsync(path, Never);

    private static async Task<byte[]> ReadOpenAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var content = new MemoryStream();
        await file.CopyToAsync(content, Never);
        return content.ToArray();
    }
}
