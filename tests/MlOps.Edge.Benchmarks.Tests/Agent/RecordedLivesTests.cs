using System.Globalization;
using MlOps.Edge.Benchmarks.Agent;

namespace MlOps.Edge.Benchmarks.Tests.Agent;

public sealed class RecordedLivesTests : IDisposable
{
    private const int KeyColumns = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-lives-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_same_seed_writes_the_same_lives_and_another_others()
    {
        string[] texts = [.. new long[] { 1, 1, 2 }.Select((seed, i) =>
        {
            var file = Path.Combine(_folder, $"{i}.csv");
            new RecordedLives(seed).WriteHistory(file);
            return File.ReadAllText(file);
        })];

        Assert.Equal(texts[0], texts[1]);
        Assert.NotEqual(texts[0], texts[2]);
    }

    [Fact]
    public void A_recording_has_24_numbers_a_frame_and_as_many_frames_as_asked_for()
    {
        var file = Path.Combine(_folder, "recording.csv");
        new RecordedLives(1).WriteRecording(file, 50);
        var lines = File.ReadAllLines(file);
        Assert.Equal(51, lines.Length);
        Assert.Equal("drive_speed[/min]", lines[0].Split(',')[0]);
        Assert.All(lines.Skip(1), line => Assert.Equal(24, Numbers(line).Length));
    }

    [Fact]
    public void A_machine_that_fails_reads_otherwise_than_it_did_when_it_was_young()
    {
        var file = Path.Combine(_folder, "first.csv");
        new RecordedLives(1).WriteHistory(file);
        var lives = File.ReadLines(file).Skip(1).Select(Numbers).GroupBy(row => row[0]).ToArray();

        // The third channel falls with the wear; the load moves it too, but not in one way over all machines.
        Assert.True(lives.Average(life => life.Last()[KeyColumns + 2]) < lives.Average(life => life.First()[KeyColumns + 2]));
    }

    private static double[] Numbers(string line) => [.. line.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
}
