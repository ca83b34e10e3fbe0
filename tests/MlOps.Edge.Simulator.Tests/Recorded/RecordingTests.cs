using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Recorded;

namespace MlOps.Edge.Simulator.Tests.Recorded;

public sealed class RecordingTests : IDisposable
{
    private const string GoodRow = "1 1 -0.0007 -0.0004 100.0 518.67 641.82 1589.70 1400.60 14.62 21.61 554.36 2388.06 9046.19 1.30 47.47 521.66 2388.02 8138.62 8.4195 0.03 392 2388 100.00 39.06 23.4190  ";

    private readonly string _folder = Directory.CreateTempSubdirectory("recordings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_cmapss_row_is_read_into_the_channels_that_its_columns_stand_for()
    {
        var recording = CmapssFile.Read(Write("train_FD001.txt", GoodRow + "\n\n"));
        var row = Assert.Single(recording.Units).Row(0).ToArray();

        Assert.Equal(24, recording.Kind.Channels.Count);
        Assert.Equal(641.82f, row[Index("T24")]);
        Assert.Equal(47.47f, row[Index("Ps30")]);
        Assert.Equal(23.419f, row[Index("W32")]);

        int Index(string channel) => recording.Kind.Channels.Select(c => c.Name).ToList().IndexOf(channel);
    }

    [Theory]
    [InlineData("1 1 0 0", "line 2: 4 columns where a C-MAPSS row has 26")]
    [InlineData("1 x 0 0", "line 2: column 2 is 'x'")]
    [InlineData("1 3 " + Zeros, "line 2: cycle 3 of unit 1 where 2 should come")]
    [InlineData("1 2 " + Zeros + " 7", "line 2: 27 columns")]
    [InlineData("1 2 NaN " + Zeros, "line 2: column 3 is 'NaN'")]
    [InlineData("2 1 " + Zeros + "\n1 2 " + Zeros, "line 3: unit 1 comes a second time")]
    public void A_malformed_cmapss_file_is_refused_in_one_line_with_the_place_and_the_way_out(string rows, string says) =>
        Refused(() => CmapssFile.Read(Write("train_FD001.txt", $"1 1 {Zeros}\n{rows}\n")), "train_FD001.txt, " + says, "download");

    [Fact]
    public void An_empty_cmapss_file_is_refused() =>
        Refused(() => CmapssFile.Read(Write("train_FD001.txt", "\n")), "there is not one row in it");

    [Fact]
    public void A_missing_folder_or_file_is_refused_with_the_way_out()
    {
        Refused(() => RecordedFolder.Open(Path.Combine(_folder, "nowhere"), 1), "there is no such folder", "leave --data out");
        Refused(() => RecordedFolder.Open(_folder, 1), "neither train_FD001.txt");
        Write("train_FD001.txt", GoodRow);
        Refused(() => RecordedFolder.Open(_folder, 1), "train_FD003.txt: there is no such file");
    }

    [Fact]
    public void A_csv_file_says_in_its_header_what_its_columns_are()
    {
        var recording = CsvFile.Read(Write("first.csv", "unit,cycle,speed|/min|setting,T2|[degR]\n4,1,1480,500.5\n4,2,1480,\n"));

        Assert.Equal([new ChannelSpec("speed", "/min", ChannelRole.Setting), new ChannelSpec("T2", "[degR]")], recording.Kind.Channels);
        Assert.Equal([1480f, 500.5f, 1480f, float.NaN], Assert.Single(recording.Units).Values);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("time,a|1\n", "line 1: the header does not begin with unit,cycle")]
    [InlineData("unit,cycle,a\n", "line 1: the channel 'a' is not name|unit")]
    [InlineData("unit,cycle,a|1,a|1\n", "line 1: two channels have the same name")]
    [InlineData("unit,cycle,a|1\n1,1\n", "line 2: 2 cells where the header has 3")]
    [InlineData("unit,cycle,a|1\n1,1,one\n", "line 2: 'one' is not a number")]
    [InlineData("unit,cycle,a|1\n1,one,1\n", "line 2: '1,one' is not a unit and a cycle")]
    [InlineData("unit,cycle,a|1\n1,2,1\n", "line 2: cycle 2 of unit 1 where 1 should come")]
    public void A_malformed_csv_file_is_refused_in_one_line_with_the_place_and_the_way_out(string text, string says) =>
        Refused(() => CsvFile.Read(Write("first.csv", text)), "first.csv", says, "docs/extend/plant-simulator.md");

    [Fact]
    public void Two_csv_files_of_different_machines_do_not_go_together()
    {
        Write("first.csv", "unit,cycle,a|1\n1,1,1\n");
        Write("second.csv", "unit,cycle,b|1\n1,1,1\n");
        Refused(() => RecordedFolder.Open(_folder, 1), "second.csv, line 1: its channels are not those of the first file");
    }

    [Fact]
    public void The_recordings_of_NASA_are_read_whole_and_shared_out_by_the_seed()
    {
        var source = Cmapss.Open(seed: 1);
        var pools = source.Pools;

        Assert.Equal((60, 40, 100), (pools.History.Count, pools.First.Count, pools.Second.Count));
        Assert.Equal(20_631, pools.History.Concat(pools.First).Sum(source.LifeOf));
        Assert.Equal(24_720, pools.Second.Sum(source.LifeOf));
        Assert.Equal(200, pools.History.Concat(pools.First).Concat(pools.Second).Distinct().Count());
        Assert.NotEqual(pools.History, Cmapss.Open(seed: 2).Pools.History);
        Assert.Equal(pools.History, Cmapss.Open(seed: 1).Pools.History);
    }

    [Fact]
    public void A_recorded_machine_is_replayed_from_any_age()
    {
        var source = Cmapss.Open(seed: 1);
        var unit = source.Pools.First[0];
        var machine = source.CreateAt(unit, 100);
        var (frame, whole) = (new float[24], source.Create(unit));
        for (var age = 0; age < 100; age++)
        {
            Assert.True(whole.TryNext(frame));
        }

        var other = new float[24];
        while (machine.TryNext(other))
        {
            Assert.True(whole.TryNext(frame));
            Assert.Equal(frame, other);
        }

        Assert.Equal(source.LifeOf(unit), machine.Age);
        Assert.Throws<ArgumentOutOfRangeException>(() => source.CreateAt(unit, machine.Age + 1));
    }

    private const string Zeros = "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0";

    private static void Refused(Action read, params string[] says)
    {
        var error = Assert.Throws<RecordingException>(read);
        Assert.All(says, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
