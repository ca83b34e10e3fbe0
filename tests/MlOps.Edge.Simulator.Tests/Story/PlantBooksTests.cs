using MlOps.Edge.Simulator.Fleet;
using MlOps.Edge.Simulator.Scenario;
using MlOps.Edge.Simulator.Story;

namespace MlOps.Edge.Simulator.Tests.Story;

public sealed class PlantBooksTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("plant-books-").FullName;

    private string Ledger => Path.Combine(_folder, PlantFolder.Produced);

    [Fact]
    public void What_was_told_twice_counts_once()
    {
        Tell(0, 99);
        Tell(0, 99);

        Assert.Equal((0, 99), Assert.Single(Read()));
    }

    [Fact]
    public void Half_a_line_that_a_kill_left_behind_is_dropped()
    {
        Tell(0, 99);
        File.AppendAllText(Ledger, """{"device":"historian","ass""");
        Tell(100, 149);

        Assert.Equal((0, 149), Assert.Single(Read()));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Tell(int first, int last)
    {
        using var books = new PlantBooks(_folder);
        books.Produced("historian", "pump-h001", 1, "h001", first, last);
    }

    private (int, int)[] Read()
    {
        using var lines = File.OpenText(Ledger);
        return [.. TruthLedger.Read(lines).Select(run => (run.FirstAge, run.LastAge))];
    }
}
