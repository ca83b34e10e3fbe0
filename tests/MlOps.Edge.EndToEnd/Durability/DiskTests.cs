using System.Globalization;
using System.Text;
using MlOps.Edge.EndToEnd.Durability.Disks;
using MlOps.Edge.EndToEnd.Durability.Traces;

namespace MlOps.Edge.EndToEnd.Durability;

/// <summary>What a power cut takes of a few calls.</summary>
public sealed class DiskTests
{
    private const string Root = "/site";

    [Fact]
    public void What_was_not_synced_is_gone_and_what_was_stays()
    {
        var disk = After(Create("a"), Writes("a", 0, "one"), Syncs("/site/a"), Syncs(Root), Writes("a", 3, "two"));
        Assert.Equal([("/site/a", "one")], Names(disk.Synced()));
        Assert.Equal([("/site/a", "onetwo")], Names(disk.Written()));
    }

    [Fact]
    public void A_file_whose_folder_was_not_synced_has_no_name() => Assert.Empty(After(Create("a"), Writes("a", 0, "one"), Syncs("/site/a")).Synced());

    [Fact]
    public void A_file_is_lost_with_the_folder_above_it() =>
        Assert.Empty(After($"mkdir(\"{Hex("/site/deep")}\", 0777) = 0", Create("deep/a"), Writes("deep/a", 0, "one"), Syncs("/site/deep/a"), Syncs("/site/deep")).Synced());

    [Fact]
    public void A_rename_leaves_the_old_file_or_the_new_one()
    {
        var disk = After(
            Create("a"), Writes("a", 0, "old"), Syncs("/site/a"), Create("b"), Writes("b", 0, "new"), Syncs("/site/b"), Syncs(Root),
            $"rename(\"{Hex("/site/b")}\", \"{Hex("/site/a")}\") = 0");
        Assert.Equal([("/site/a", "old"), ("/site/b", "new")], Names(disk.Synced()));
        Assert.Equal(["new", "old"], Enumerable.Range(1, 50).Select(seed => Names(disk.Torn(new(seed)))[0].Content).Distinct().Order());
    }

    [Fact]
    public void Sectors_arrive_one_by_one()
    {
        var disk = After(Create("a"), Writes("a", 0, new string('x', 1024)), Syncs("/site/a"), Syncs(Root), Writes("a", 0, new string('y', 1024)));
        var found = Enumerable.Range(1, 50).Select(seed => Names(disk.Torn(new(seed)))[0].Content).Select(content => $"{content[0]}{content[511]}{content[512]}{content[1023]}").Distinct().Order();
        Assert.Equal(["xxxx", "xxyy", "yyxx", "yyyy"], found);
    }

    private static Disk After(params string[] calls)
    {
        var recording = new Recording().Add(new StringReader(string.Join('\n', calls.Select((call, i) => string.Create(CultureInfo.InvariantCulture, $"12 1.{i} {call}")))));
        var disk = new Disk(Root, recording, new Dictionary<string, byte[]?>());
        disk.GoTo(long.MaxValue);
        return disk;
    }

    private static (string Path, string Content)[] Names(IEnumerable<(string Path, byte[]? Content)> files) => [.. files.Select(file => (file.Path, Encoding.UTF8.GetString(file.Content!)))];

    private static string Create(string name) => $"openat(AT_FDCWD<{Hex("/")}>, \"{Hex($"/site/{name}")}\", O_RDWR|O_CREAT, 0644) = 9<{Hex($"/site/{name}")}>";

    private static string Writes(string name, int offset, string text) => $"pwrite64(9<{Hex($"/site/{name}")}>, \"{Hex(text)}\", {text.Length}, {offset}) = {text.Length}";

    private static string Syncs(string path) => $"fsync(9<{Hex(path)}>) = 0";

    private static string Hex(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(b => string.Create(CultureInfo.InvariantCulture, $"\\x{b:x2}")));
}
