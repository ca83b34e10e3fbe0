using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Agent;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Cloud.Training.Snapshots;
using MlOps.Edge.Cloud.Training.Splitting;
using MlOps.Edge.Cloud.Training.Windows;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MlOps.Edge.EndToEnd.Models;
using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Wire;

/// <summary>The same frames down both ways: sensor → wire → store → snapshot → training's window, and sensor → agent's window → ONNX.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class ParityTests(ITestOutputHelper output)
{
    private const string Device = "pump-01";
    private const int MountedAtAge = 30;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_is_served_is_bit_for_bit_what_is_trained_on_and_answers_as_the_trainer_does()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var folder = new TestFolder();
        await using var cloud = await HostedCloud.StartAsync(folder["cloud"]);
        var pump = PumpModel.Get();
        var active = await Registration.RegisterAsync(cloud, pump.Model);
        var shadow = await Registration.RegisterAsync(cloud, pump.Echo());
        var epoch = await cloud.Grain<IDeviceGrain>(Device).AssignAsync(new(active.ToAssigned(), shadow.ToAssigned(), null));

        var frames = Frames(pump);
        await LiveAsync(cloud, folder["agent"], pump, frames, epoch);

        var units = await SnapshotAsync(cloud, pump, frames);
        var windows = WindowSet.Of(pump.Definition, units);
        Assert.Equal(frames.Count, windows.Rows.Count);
        var trainer = pump.Fit.Predict(windows, cancellationToken);
        var served = await ServedAsync(cloud, active.Version, pump.Definition.Name);
        var echoed = await ServedAsync(cloud, shadow.Version, pump.Echo().Definition.Name);

        var (worst, missing, late) = (0d, 0, 0);
        windows.Read(1, (row, window) =>
        {
            var at = windows.Rows[row];
            var unit = windows.Units[at.Unit];
            var frame = (unit.Unit, unit.FirstFrame + at.Frame);
            Assert.True(echoed.Remove(frame, out var seen), $"no window of {frame} was served");
            Assert.True(window.Select(Bits).SequenceEqual(seen.Select(v => v == PumpModel.Missing ? Bits(float.NaN) : Bits(v))), $"the window of {frame} is another on the device");
            Assert.True(served.Remove(frame, out var said), $"no prediction of {frame} was stored");
            worst = Math.Max(worst, Math.Abs(said[0] - trainer[row]));
            missing += window.Any(float.IsNaN) ? 1 : 0;
            late += at.Frame < pump.Definition.Window - 1 ? 1 : 0;
        }, cancellationToken);

        output.WriteLine($"{windows.Rows.Count} windows, {missing} with missing values, {late} of short histories; the device differs from the trainer by at most {worst:G2} cycles");
        Assert.Empty(served);
        Assert.Empty(echoed);
        Assert.True(worst <= 1e-3, $"a device's prediction differs from the trainer's by {worst} cycles");
        Assert.True(missing > 50 && windows.Rows.Count - missing > 50 && late > 70, "the frames must have windows with and without missing values, and short histories");
    }

    // A device that was mounted in mid-life, a failure, a replacement; single values and whole frames are missing.
    private static List<MachineFrame> Frames(PumpModel pump)
    {
        var (asset, random, frames) = (AssetId.Parse(Device), new Random(5), new List<MachineFrame>());
        foreach (var (i, name) in pump.Source.Pools.First.Index())
        {
            var machine = pump.Source.Create(name);
            var values = new float[machine.Kind.Channels.Count];
            while (machine.TryNext(values))
            {
                var age = machine.Age - 1;
                if (i > 0 || age >= MountedAtAge)
                {
                    float[] frame = [.. values.Select(v => random.NextDouble() < 0.0005 ? float.NaN : v)];
                    if (random.NextDouble() < 0.005)
                    {
                        Array.Fill(frame, float.NaN);
                    }

                    frames.Add(new(new(asset, i + 1), age, Start + (frames.Count * pump.Definition.SampleInterval), frame));
                }
            }
        }

        return frames;
    }

    private static async Task LiveAsync(HostedCloud cloud, string state, PumpModel pump, IReadOnlyList<MachineFrame> frames, long epoch)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var feed = new RecordedFeed(AssetId.Parse(Device), pump.Source.Kind, frames);
        var options = new AgentOptions
        {
            Device = Device,
            StateFolder = state,
            Link = new() { Host = "127.0.0.1", Port = cloud.Settings.MqttPort },
            Outbox = new() { BatchFrames = 50 },
            Models = new() { MemorySlack = 1L << 40 },
            Sensing = new() { Assets = [new() { Id = Device, MachineKind = pump.Source.Kind.Name, Driver = feed.Name }] },
        };
        await using var agent = await AgentHost.StartAsync(options, services => services.AddSingleton<IFeedDriver>(feed), cancellationToken);
        await agent.Runtime.SettledAsync(epoch, cancellationToken);
        while (await agent.Runtime.StepAsync(cancellationToken) > 0)
        {
            // As fast as it goes.
        }

        await agent.Runtime.FlushAsync(cancellationToken);
        await agent.Runtime.SettledAsync(epoch, cancellationToken);
    }

    private static async Task<IReadOnlyList<UnitHistory>> SnapshotAsync(HostedCloud cloud, PumpModel pump, IReadOnlyList<MachineFrame> frames)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        foreach (var last in frames.GroupBy(f => f.Unit).Select(unit => unit.Last()))
        {
            await cloud.Get<IMaintenanceLog>().AppendAsync(
                new() { Id = $"{Device}.{last.Unit.Installation}", Asset = Device, Installation = last.Unit.Installation, Kind = MaintenanceKind.Failure, Frame = last.Age, At = last.Time }, cancellationToken);
        }

        var order = new SnapshotOrder(pump.Definition, new(frames[^1].Time), (int)PumpModel.Seed, new SplitOptions());
        var snapshot = await cloud.Get<SnapshotTaker>().TakeAsync(order, parent: null, cancellationToken);
        var reader = cloud.Get<SnapshotReader>();
        return await reader.ReadUnitsAsync(await reader.ReadAsync(snapshot, cancellationToken), cancellationToken);
    }

    // Everything that a version said, by unit and frame, in the order of its outputs.
    private static async Task<Dictionary<(string Unit, long Frame), float[]>> ServedAsync(HostedCloud cloud, int version, string model)
    {
        var said = new Dictionary<(string, long), float[]>();
        foreach (var batch in await cloud.Get<ITelemetryStore>().ReadAsync(0, int.MaxValue, TestContext.Current.CancellationToken))
        {
            foreach (var block in TelemetryReader.Decode(batch).Predictions.Where(p => p.Model == model && p.Version == version))
            {
                for (var i = 0; i < block.Frames.Count; i++)
                {
                    said.Add(($"{block.Asset}#{block.Installation}", (long)block.Frames[i]), [.. block.Outputs.Select(o => o.Values[i])]);
                }
            }
        }

        return said;
    }

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
}
