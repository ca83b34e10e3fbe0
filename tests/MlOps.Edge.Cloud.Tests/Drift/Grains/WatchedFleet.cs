using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Tests.Registry;
using MlOps.Edge.Cloud.Tests.Telemetry;
using MlOps.Edge.Cloud.Tests.Training;
using MlOps.Edge.Cloud.Tests.Training.Runs;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Sketches;

namespace MlOps.Edge.Cloud.Tests.Drift.Grains;

/// <summary>Presses in service, one on each device, watched by a registered champion.</summary>
internal sealed class WatchedFleet(TrainingCloud cloud, int devices)
{
    private const int Step = 10;

    private readonly List<Service> _services = [];
    private int _installed;

    public static ModelDefinition Press => WearingMachines.Definition;

    public SketchSpec Spec { get; private set; } = null!;

    /// <summary>Frames that each device has lived.</summary>
    public int Now { get; private set; }

    public DateTimeOffset Watermark => Batches.Start + Press.SampleInterval * Now;

    public static string Device(int device) => $"edge-{device:00}";

    /// <summary>Registers a version with a reference of quiet presses and makes it the champion.</summary>
    public async Task PromoteAsync(int seed)
    {
        var artifacts = cloud.Get<IArtifactStore>();
        var reference = ReferenceSketch.Build(Press, WearingMachines.Failed(40, seed));
        Spec = reference.Spec;
        var draft = await Drafts.PutAsync(artifacts, $"run-{seed}", Press) with
        {
            SketchSpec = (await artifacts.PutAsync(Spec.ToBytes(), TestContext.Current.CancellationToken)).ToString(),
            Reference = (await artifacts.PutAsync(reference.ToBytes(), TestContext.Current.CancellationToken)).ToString(),
            JudgedErrors = [1, 2, 3, 4, 5, 6, 7, 8],
        };
        var version = await cloud.Model.RegisterAsync(draft);
        await cloud.Model.SetAliasAsync(Aliases.Champion, version.Version, "a test", Watermark);
        for (var device = 0; device < devices; device++)
        {
            await cloud.Grains.GetGrain<IFleetGrain>(IFleetGrain.Default).UpdateAsync(new() { Id = Device(device), Group = "default", MachineKind = Press.MachineKind });
        }
    }

    /// <summary>Lives on; a press that fails is replaced by the next one.</summary>
    /// <param name="more">Added to the vibration of presses that are installed from now on.</param>
    /// <param name="step">Frames that are sent together.</param>
    public async Task LiveAsync(int frames, float more = 0, int step = Step)
    {
        for (var lived = 0; lived < frames; lived += step)
        {
            for (var device = 0; device < devices; device++)
            {
                if (_services.Count <= device)
                {
                    _services.Add(Install(device, more));
                }

                await StepAsync(device, more, step);
            }

            Now += step;
        }
    }

    private async Task StepAsync(int device, float more, int step)
    {
        var service = _services[device];
        var to = Math.Min(service.Lived + step, service.Unit.Frames);
        await cloud.Field.WatchedAsync(service.Unit, Device(device), service.Installed, service.Lived, to, service.Counter);
        service.Lived = to;
        if (to == service.Unit.Frames)
        {
            await cloud.Field.FailAsync(service.Unit, service.Installed);
            _services[device] = Install(device, more);
        }
    }

    // Like any fleet, it is of all ages: the first press of each device begins in mid-life.
    private Service Install(int device, float more)
    {
        var installation = ++_installed;
        var unit = WearingMachines.Failed(1, seed: 1000 + installation)[0];
        var (first, values) = (installation <= devices ? 5 * (installation % 10) : 0, unit.Values);
        for (var i = 1; i < values.Length; i += Press.Channels.Count)
        {
            values[i] += more;
        }

        var life = new UnitHistory { Unit = $"press-{device:00}#{installation}", Channels = unit.Channels, FirstFrame = first, Values = values[(first * unit.Channels)..], End = UnitEnd.Failed };
        return new(life, new(Spec)) { Installed = Watermark - Press.SampleInterval * first };
    }

    private sealed class Service(UnitHistory unit, SketchCounter counter)
    {
        public UnitHistory Unit { get; } = unit;
        public SketchCounter Counter { get; } = counter;
        public required DateTimeOffset Installed { get; init; }
        public int Lived { get; set; }
    }
}
