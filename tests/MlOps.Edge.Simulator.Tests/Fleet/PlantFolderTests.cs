using MlOps.Edge.Simulator.Fleet;
using MlOps.Edge.Simulator.Live;
using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Tests.Fleet;

public sealed class PlantFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("plant-folder-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_same_plan_may_be_begun_again()
    {
        Begin();
        Begin();
    }

    [Theory]
    [InlineData(2, 1L, "pump", 0.5, "--pace 1")]
    [InlineData(2, 7L, "pump", 1.0, "--seed 1")]
    [InlineData(3, 1L, "pump", 1.0, "--devices 2")]
    [InlineData(2, 1L, "bearing", 1.0, "machines of the built-in plant simulator (pump)")]
    public void Another_plan_is_refused_with_what_the_folder_was_made_with_and_the_way_out(int devices, long seed, string machine, double pace, string madeWith)
    {
        Begin();
        var error = Assert.Throws<OtherPlanException>(() => Begin(devices, seed, machine, pace));
        Assert.Equal($"The folder '{_folder}' was made with {madeWith}. Start it so, or choose another folder with --state.", error.Message);
    }

    [Fact]
    public void Without_a_history_the_pace_is_no_part_of_the_plan()
    {
        Begin(withHistory: false);
        Begin(pace: 0.5, withHistory: false);
    }

    [Fact]
    public void A_file_that_is_no_plan_is_named()
    {
        File.WriteAllText(Path.Combine(_folder, PlantFolder.Plan), "{");
        Assert.Contains(Path.Combine(_folder, PlantFolder.Plan), Assert.Throws<OtherPlanException>(() => Begin()).Message, StringComparison.Ordinal);
    }

    private void Begin(int devices = 2, long seed = 1, string machine = "pump", double pace = 1, bool withHistory = true)
    {
        var settings = new FleetSettings
        {
            Devices = devices,
            Seed = seed,
            Change = Change.None,
            Ticks = 50,
            Machine = machine,
            State = _folder,
            Cloud = new("http://127.0.0.1:1"),
            BrokerHost = "127.0.0.1",
            BrokerPort = 1,
        };
        var (source, plan) = settings.Draw(machines => new TimeLapse(machines, TimeSpan.FromSeconds(pace)));
        PlantFolder.WriteSamePlan(_folder, plan, settings.Source, withHistory ? HistoryUnit.Of(source, plan.TimeOf(0)) : []);
    }
}
