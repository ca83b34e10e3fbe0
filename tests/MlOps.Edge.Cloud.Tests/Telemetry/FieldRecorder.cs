using Google.Protobuf;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Cloud.Training;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Tests.Telemetry;

/// <summary>Puts lives into the real stores the way they come from devices: as checked batches and maintenance events.</summary>
internal sealed class FieldRecorder(ITelemetryStore telemetry, IMaintenanceLog maintenance, ModelDefinition model)
{
    private readonly Dictionary<string, ulong> _sequences = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Frame 0 of every unit is at <paramref name="installed"/>.</summary>
    public async Task LiveAsync(UnitHistory unit, string device, DateTimeOffset installed, int from = 0, int? to = null, int framesPerBatch = 50)
    {
        for (var first = from; first < (to ?? unit.Frames); first += framesPerBatch)
        {
            await SendAsync(device, b => b.Readings.Add(Readings(unit, installed, first, Math.Min(framesPerBatch, (to ?? unit.Frames) - first))));
        }
    }

    /// <summary>The unit failed in its last frame.</summary>
    public Task FailAsync(UnitHistory unit, DateTimeOffset installed)
    {
        var reference = UnitRef.Parse(unit.Unit);
        var last = unit.FirstFrame + unit.Frames - 1;
        return maintenance.AppendAsync(
            new()
            {
                Id = $"{unit.Unit}/failure",
                Asset = reference.Asset.ToString(),
                Installation = reference.Installation,
                Kind = MaintenanceKind.Failure,
                Frame = last,
                At = installed + model.SampleInterval * last,
            },
            Cancelled);
    }

    public async Task SendAsync(string device, Action<TelemetryBatch> fill)
    {
        var id = DeviceId.Parse(device);
        var batch = Batches.Of(device, _sequences[device] = _sequences.GetValueOrDefault(device) + 1);
        fill(batch);
        Assert.Equal(AppendOutcome.Stored, await telemetry.AppendAsync(BatchCheck.Check(id, batch.ToByteArray(), Batches.Start), Cancelled));
    }

    private Readings Readings(UnitHistory unit, DateTimeOffset installed, int first, int count)
    {
        var reference = UnitRef.Parse(unit.Unit);
        var readings = new Readings
        {
            Asset = reference.Asset.ToString(),
            Installation = (uint)reference.Installation,
            MachineKind = model.MachineKind,
            FirstFrame = (ulong)(unit.FirstFrame + first),
            Frames = (uint)count,
            FirstTimeMs = (installed + model.SampleInterval * (unit.FirstFrame + first)).ToUnixTimeMilliseconds(),
            IntervalMs = (uint)model.SampleInterval.TotalMilliseconds,
        };
        readings.Columns.AddRange(model.Channels.Index().Select(c => new Column
        {
            Channel = c.Item.Name,
            Unit = c.Item.Unit,
            Float32 = Batches.Encode([.. Enumerable.Range(first, count).Select(frame => unit.Row(frame)[c.Index])]),
        }));
        return readings;
    }
}
