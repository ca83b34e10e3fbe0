using Microsoft.Data.Sqlite;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Cloud.Tests.Stores;

public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-db-");

    private string File => Path.Combine(_folder.FullName, SqliteDatabase.FileName);

    [Fact]
    public async Task Work_that_fails_undoes_only_itself()
    {
        using var database = SqliteDatabase.Open(_folder.FullName);
        var writes = Enumerable.Range(0, 200).Select(i => database.WriteAsync(
            session =>
            {
                session.Execute("INSERT INTO artifact (digest, content) VALUES ($1, x'00')", $"{i}");
                return i % 10 == 0 ? throw new InvalidOperationException($"{i}") : i;
            },
            TestContext.Current.CancellationToken)).ToList();

        await Assert.ThrowsAsync<InvalidOperationException>(() => Task.WhenAll(writes));
        Assert.Equal(20, writes.Count(w => w.IsFaulted));
        Assert.Equal(180, await database.ReadAsync(s => s.First("SELECT COUNT(*) FROM artifact", r => r.GetInt64(0)), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_was_written_survives_a_process_that_just_ends()
    {
        using var database = SqliteDatabase.Open(_folder.FullName);
        await database.WriteAsync(s => s.Execute("INSERT INTO artifact (digest, content) VALUES ('a', x'01')"), TestContext.Current.CancellationToken);

        // What a killed process leaves behind: the file and its log, without a clean close.
        var left = _folder.CreateSubdirectory("left").FullName;
        System.IO.File.Copy(File, Path.Combine(left, SqliteDatabase.FileName));
        System.IO.File.Copy(File + "-wal", Path.Combine(left, SqliteDatabase.FileName + "-wal"));
        using var restarted = SqliteDatabase.Open(left);
        Assert.Equal(1, await restarted.ReadAsync(s => s.First("SELECT COUNT(*) FROM artifact", r => r.GetInt64(0)), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_newer_schema_is_refused_and_left_alone()
    {
        SqliteDatabase.Open(_folder.FullName).Dispose();
        Run($"PRAGMA user_version = {SqliteSchema.Version + 1}");

        var error = Assert.Throws<StoreException>(() => SqliteDatabase.Open(_folder.FullName));
        Assert.Contains("newer program", error.Message, StringComparison.Ordinal);
        Assert.True(error.Newer);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_file_that_is_not_a_database_is_named()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));
        Assert.Contains("damaged or is not a database", Assert.Throws<StoreException>(() => SqliteDatabase.Open(_folder.FullName)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(_folder.FullName, "file");
        System.IO.File.WriteAllText(file, "");
        Assert.Contains(file, Assert.Throws<StoreException>(() => SqliteDatabase.Open(Path.Combine(file, "data"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_clouds_do_not_share_a_file_but_a_reader_may_look()
    {
        using var database = SqliteDatabase.Open(_folder.FullName);
        Assert.Contains("in use by another cloud", Assert.Throws<StoreException>(() => SqliteDatabase.Open(_folder.FullName)).Message, StringComparison.Ordinal);
        using var reader = SqliteDatabase.OpenReadOnly(_folder.FullName);
        Assert.Throws<InvalidOperationException>(() => { _ = reader.WriteAsync(_ => 1, CancellationToken.None); });
    }

    [Fact]
    public void A_lock_held_by_another_program_is_named()
    {
        SqliteDatabase.Open(_folder.FullName).Dispose();
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();

        Assert.Contains("locked by another program", Assert.Throws<StoreException>(() => SqliteDatabase.Open(_folder.FullName)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of the test.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
