using Microsoft.Extensions.Logging;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Grains;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Cloud.Devices;

internal sealed partial class DeviceGrain(
    [PersistentState("device")] IPersistentState<DeviceState> stored,
    ITelemetryStore telemetry,
    ISchemaBook schemas,
    IModelBlobs models,
    IDeviceDownlink downlink,
    IEventLog events,
    ILogger<DeviceGrain> logger) : Grain, IDeviceGrain
{
    // How stale the fleet's list may be about when a device was last heard. Telling it costs a call within the silo and no write.
    private static readonly TimeSpan LastSeenWithin = TimeSpan.FromSeconds(2);

    private DeviceIntake? _intake;
    private DeviceSummary? _told;
    private DateTimeOffset? _lastSeen;
    private bool _announced;

    // What an earlier activation was told of the link is hearsay: a broker may have lost the status that said it is over, and a
    // device that is there says something within a minute.
    private bool _heard;

    private DeviceState State => stored.State;

    private bool Online => State.Online && _heard;

    private DateTimeOffset? LastSeen => _lastSeen ?? State.Reported?.ReceivedAt;

    private DeviceId Id => DeviceId.Parse(this.GetPrimaryKeyString());

    // Without a word to the store: while it is away the device is still told what it should run.
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _intake = new(Id, telemetry, schemas);
        return Task.CompletedTask;
    }

    public async Task<IngestAnswer> IngestAsync(IngestBatch[] batches)
    {
        var trouble = _intake!.Trouble;
        var answer = await _intake.TakeAsync(batches);
        if (trouble is null && _intake.Trouble is { } first)
        {
            LogTrouble(Id, first);
        }

        if (batches is [.., var last])
        {
            await HeardAsync(last.ReceivedAt);
        }

        return answer;
    }

    public async Task ReportAsync(DeviceReport report)
    {
        if (report.IsOlderThan(State.Reported))
        {
            return;
        }

        var changed = !report.SaysTheSame(State.Reported);
        var next = State with { Reported = report };
        if (changed)
        {
            await stored.CommitAsync(next);
        }
        else
        {
            stored.State = next;
        }

        await HeardAsync(report.ReceivedAt);
        await OvertakeAsync(report.DesiredEpoch);
        await PublishMissingAsync(report);
    }

    // A cloud that was restored from a backup may have given higher epochs since; the device would ignore whatever it says now.
    private async Task OvertakeAsync(long epoch)
    {
        if (epoch <= State.DesiredEpoch || epoch > BatchCheck.MaxNumber)
        {
            return;
        }

        await stored.CommitAsync(State with { DesiredEpoch = epoch + 1 });
        await AnnounceAsync();
    }

    public async Task ConnectionAsync(bool online, string session)
    {
        // The will of an earlier connection may come after the device is back.
        if (!online && State.Session is { } current && current != session)
        {
            return;
        }

        if ((State.Online, State.Session) != (online, session))
        {
            await stored.CommitAsync(State with { Online = online, Session = session });
        }

        _heard = true;
        await TellFleetAsync();
    }

    public async Task<long> AssignAsync(Assignment assignment)
    {
        if (State.Desired != assignment)
        {
            await stored.CommitAsync(State with { Desired = assignment, DesiredEpoch = State.DesiredEpoch + 1 });
            await TellFleetAsync();
            _announced = false;
            LogAssigned(Id, State.DesiredEpoch, assignment);
        }

        // Written and not published is what a failure in between leaves; asking again completes it.
        if (!_announced)
        {
            await AnnounceAsync();
        }

        return State.DesiredEpoch;
    }

    public async Task AnnounceAsync()
    {
        if (State.Desired is not { } desired)
        {
            return;
        }

        await downlink.PublishBlobsAsync(await models.OfAsync(desired), again: false, CancellationToken.None);
        await downlink.PublishDesiredAsync(Id, State.DesiredEpoch, desired, CancellationToken.None);
        _announced = true;
    }

    public Task<DeviceView> GetAsync() => Task.FromResult(new DeviceView
    {
        Id = this.GetPrimaryKeyString(),
        Known = State.Reported is not null || State.Desired is not null || State.Session is not null || State.Quarantine is not null || _lastSeen is not null,
        Online = Online,
        LastSeen = LastSeen,
        DesiredEpoch = State.DesiredEpoch,
        Desired = State.Desired,
        Reported = State.Reported,
        Batches = _intake!.Batches,
        Trouble = _intake.Trouble,
        Quarantine = State.Quarantine,
        Lag = State.Reported?.OutboxLag,
    });

    private Task HeardAsync(DateTimeOffset at)
    {
        _lastSeen = at;
        _heard = true;
        return TellFleetAsync();
    }

    // A device may name any digest; it gets what it is assigned, not whatever else the artifact store holds.
    private async Task PublishMissingAsync(DeviceReport report)
    {
        if (report.MissingBlobs.Length == 0 || State.Desired is not { } desired)
        {
            return;
        }

        var missing = report.MissingBlobs.ToHashSet(StringComparer.Ordinal);
        Sha256Digest[] again = [.. (await models.OfAsync(desired)).Where(blob => missing.Contains(blob.ToString()))];
        if (again.Length > 0)
        {
            await downlink.PublishBlobsAsync(again, again: true, CancellationToken.None);
        }
    }

    private async Task TellFleetAsync()
    {
        var summary = DeviceReports.Summarise(this.GetPrimaryKeyString(), State, Online, LastSeen);
        if (summary.SaysTheSame(_told) && summary.Lag == _told?.Lag && summary.LastSeen - _told?.LastSeen < LastSeenWithin)
        {
            return;
        }

        await GrainFactory.GetGrain<IFleetGrain>(IFleetGrain.Default).UpdateAsync(summary);
        _told = summary;
    }

    [LoggerMessage(LogLevel.Information, "Device {Device} is assigned {Assignment} (epoch {Epoch})")]
    private partial void LogAssigned(DeviceId device, long epoch, Assignment assignment);

    [LoggerMessage(LogLevel.Warning, "Device {Device} sends telemetry that is not stored: {Reason}; its view says the latest of that kind")]
    private partial void LogTrouble(DeviceId device, string reason);
}
