using MlOps.Edge.Contracts;
using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Tests.Reporting;

public sealed class PlantTruthTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("plant-truth-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_frame_that_two_runs_of_a_unit_share_counts_once_and_a_hole_between_them_is_none()
    {
        Books("""
            {"device":"historian","asset":"pump-h1","installation":1,"unit":"h1","firstAge":0,"lastAge":2}
            {"device":"edge-1","asset":"pump-1","installation":1,"unit":"u1","firstAge":4,"lastAge":6}
            {"device":"edge-1","asset":"pump-1","installation":2,"unit":"u2","firstAge":0,"lastAge":0}
            {"device":"edge-1","asset":"pump-1","installation":1,"unit":"u1","firstAge":6,"lastAge":7}
            {"device":"edge-1","asset":"pump-1","installation":1,"unit":"u1","firstAge":9,"lastAge":9}
            """);
        var produced = PlantTruth.Read(_folder).Produced;
        Assert.Equal([0, 1, 2], produced[UnitRef.Parse("pump-h1#1")].Order());
        Assert.Equal([4, 5, 6, 7, 9], produced[UnitRef.Parse("pump-1#1")].Order());
        Assert.Equal([0], produced[UnitRef.Parse("pump-1#2")].Order());
        Assert.Equal(3, produced.Count);
    }

    [Theory]
    [InlineData("{ no json")]
    [InlineData("""{"device":"edge-1","asset":"no such name #","installation":1,"unit":"u1","firstAge":0,"lastAge":1}""")]
    public void A_book_that_cannot_be_read_is_named(string line)
    {
        Books(line);
        Assert.Contains("produced.jsonl", Assert.Throws<UserErrorException>(() => PlantTruth.Read(_folder)).Message, StringComparison.Ordinal);
    }

    private void Books(string produced)
    {
        File.WriteAllText(Path.Combine(_folder, "plan.json"), """
            {"source":"a test","model":"pump-rul","start":"2026-01-01T00:00:00+00:00","intervalSeconds":3600,"channels":2,"devices":1,"history":[],
             "story":{"seed":1,"change":"None","changeTick":null,"fault":null,"stints":[]}}
            """);
        File.WriteAllText(Path.Combine(_folder, "produced.jsonl"), produced);
    }
}
