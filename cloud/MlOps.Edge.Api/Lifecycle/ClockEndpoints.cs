using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Lifecycle;

namespace MlOps.Edge.Api.Lifecycle;

/// <summary>The clock, where it belongs to whoever drives the fleet. A host in real time does not map it.</summary>
internal static class ClockEndpoints
{
    public static void MapClock(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/clock", Advance).WithTags("Clock").WithName("AdvanceClock")
            .WithSummary("Virtual time only: every decision up to this watermark is taken and published when this returns")
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static async Task<Ok<ClockResponse>> Advance(AdvanceClock clock, IHeartbeat heartbeat, IGrainFactory grains, CancellationToken cancellationToken)
    {
        await heartbeat.AdvanceAsync(clock.Watermark, cancellationToken);
        var devices = await grains.GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(new());
        return TypedResults.Ok(new ClockResponse(clock.Watermark, new(devices.ToDictionary(d => d.Id, d => d.DesiredEpoch), StringComparer.Ordinal)));
    }
}

/// <param name="Watermark">All data of the fleet up to here are stored.</param>
internal sealed record AdvanceClock(DateTimeOffset Watermark);

/// <param name="DesiredEpochs">By device: the desired epoch after the decisions, so that a driver can wait until it has arrived.</param>
internal sealed record ClockResponse(DateTimeOffset Watermark, SortedDictionary<string, long> DesiredEpochs);
