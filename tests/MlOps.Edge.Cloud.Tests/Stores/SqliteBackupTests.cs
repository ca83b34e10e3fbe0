using System.Security.Cryptography;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Tests.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Stores;

public sealed class SqliteBackupTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-backup-");
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
        Assert.Empty(Directory.GetFiles(_stores.Folder, "*.tmp"));
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("no backup of a cloud")]
    [InlineData("not of this cloud")]
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
            case "not of this cloud": content.AsSpan(60, 4).Clear(); break; // user_version, https://www.sqlite.org/fileformat.html
            default: content[63] = 99; break;
        }

        Assert.Contains(says, (await Assert.ThrowsAsync<InvalidBackupException>(() => StageAsync(content))).Message, StringComparison.Ordinal);
        _stores.Reopen();
        Assert.Equal(300, (await Store.CountAsync(Never)).Batches);
        Assert.Empty(Directory.GetFiles(_stores.Folder, "*.tmp"));
    }

    [Theory]
    [InlineData("")] // before anything moved
    [InlineData("-wal")] // after the log did
    public async Task A_power_cut_while_it_takes_its_place_is_made_up_for(string moved)
    {
        await StoreAsync(1, 5);
        using (var copy = await _stores.Get<IStoreBackup>().TakeAsync(Never))
        {
            await StageAsync(await File.ReadAllBytesAsync(copy.Path, Never));
        }

        await StoreAsync(6, 9);
        _stores.Dispose();
        var database = Path.Combine(_stores.Folder, SqliteDatabase.FileName);
        File.WriteAllText(database + "-wal", "");
        if (moved.Length > 0)
        {
            File.Move(database + moved, StagedFile.Aside(database) + moved);
        }

        _stores.Reopen();
        Assert.Equal(5, (await Store.CountAsync(Never)).Batches);
    }

    public void Dispose()
    {
        _stores.Dispose();
        _folder.Delete(recursive: true);
    }

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
}
