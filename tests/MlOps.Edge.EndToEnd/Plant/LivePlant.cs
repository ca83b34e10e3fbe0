using System.Globalization;
using MlOps.Edge.Contracts;
using MlOps.Edge.EndToEnd.Processes;
using MlOps.Edge.Simulator.Fleet;
using MlOps.Edge.Simulator.Machines;
using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.EndToEnd.Plant;

/// <summary>The simulator by the clock as a process, on a folder that stays the same over restarts, and the truth about what its sensors said.</summary>
internal sealed class LivePlant : IAsyncDisposable
{
    private readonly FleetSettings _settings;
    private readonly ServedCloud _cloud;
    private RunningProgram? _process;

    /// <param name="brokerPort">Where its devices find the broker; null: where it is.</param>
    public LivePlant(string folder, ServedCloud cloud, int devices, long seed, int ticks, int? brokerPort = null)
    {
        _cloud = cloud;
        _settings = new()
        {
            Devices = devices,
            Seed = seed,
            Change = Change.None,
            Ticks = ticks,
            Machine = "pump",
            State = folder,
            Cloud = new(cloud.Url),
            BrokerHost = "127.0.0.1",
            BrokerPort = brokerPort ?? cloud.MqttPort,
        };
        (Source, Plan) = _settings.Draw(machines => machines);
    }

    public IMachineSource Source { get; }

    /// <summary>The same that the process draws: a function of its options.</summary>
    public FleetPlan Plan { get; }

    /// <param name="pace">Seconds a cycle; no part of the plan, so another start may take another.</param>
    public async Task StartAsync(double pace)
    {
        string[] arguments =
        [
            "--devices", Text(_settings.Devices), "--seed", Text(_settings.Seed), "--ticks", Text(_settings.Ticks), "--pace", Text(pace),
            "--cloud", _cloud.Url, "--broker", $"127.0.0.1:{Text(_settings.BrokerPort)}", "--state", _settings.State,
        ];
        _process = BuiltProgram.Start(BuiltProgram.Simulator, arguments);
        await _process.SaidAsync("devices live at");
    }

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
    }

    public async Task StopAsync()
    {
        var ended = await _process!.StopAsync();
        await _process.DisposeAsync();
        Assert.True(ended.ExitCode == 0, ended.Error);
    }

    /// <summary>The tick after the last one that a device has committed; 0: none yet.</summary>
    public int Committed(int device) => Look(device) is { } at ? TickOf(device, at.Unit, at.Age) + 1 : 0;

    public long CommittedByAll => Plan.Devices.Sum(place => (long)Committed(place.Index));

    /// <summary>Whether every device has lived to the plan's end and the cloud has acknowledged it all.</summary>
    public bool IsDrained => Plan.Devices.All(place => Look(place.Index) is { Pending: 0 } at && TickOf(place.Index, at.Unit, at.Age) == LastTickOf(place.Index));

    /// <summary>Every frame that a device has committed, first to last, with what its machine said: from the machine, not from any store.</summary>
    public IEnumerable<(UnitRef Unit, long Age, float[] Values)> Truth(int device)
    {
        var last = Look(device) ?? throw new InvalidOperationException($"{Plan.Devices[device].Device} has committed nothing.");
        foreach (var stint in Plan.StintsOf(device).Where(stint => stint.Installation <= last.Unit.Installation))
        {
            var machine = Source.CreateAt(stint.Unit, stint.FirstAge);
            var end = stint.Installation == last.Unit.Installation ? last.Age : stint.LastAge;
            for (long age = stint.FirstAge; age <= end; age++)
            {
                var values = new float[Source.Kind.Channels.Count];
                Assert.True(machine.TryNext(values));
                yield return (new(AssetId.Parse(stint.Place.Asset), stint.Installation), age, values);
            }
        }
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    private int LastTickOf(int device) => Plan.StintsOf(device)[^1].LastTick;

    private int TickOf(int device, UnitRef unit, long age)
    {
        var stint = Plan.StintsOf(device).Single(s => s.Installation == unit.Installation);
        return stint.FirstTick + (int)(age - stint.FirstAge);
    }

    private (UnitRef Unit, long Age, long Pending)? Look(int device) =>
        OutboxOf.Look(Path.Combine(_settings.State, "agents", Plan.Devices[device].Device), AssetId.Parse(Plan.Devices[device].Asset));

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
