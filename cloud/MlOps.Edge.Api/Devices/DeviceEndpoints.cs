using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MlOps.Edge.Api.Problems;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Devices;

internal static class DeviceEndpoints
{
    public static void MapDevices(this IEndpointRouteBuilder routes)
    {
        var devices = routes.MapGroup("/devices").WithTags("Devices");

        devices.MapGet("/", List).WithName("ListDevices").WithSummary("Devices by id, optionally of one group or machine kind");
        devices.MapGet("/{id}", Get).WithName("GetDevice").WithSummary("What a device should run, what it says it runs, and why it waits")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<DeviceSummary[]>> List(IGrainFactory grains, string? group = null, string? machineKind = null) =>
        TypedResults.Ok(await grains.GetGrain<IFleetGrain>(IFleetGrain.Default).ListAsync(new(group, machineKind)));

    private static async Task<Results<Ok<DeviceView>, ProblemHttpResult>> Get(DeviceId id, IGrainFactory grains)
    {
        var device = await grains.GetGrain<IDeviceGrain>(id.ToString()).GetAsync();
        return device.Known ? TypedResults.Ok(device) : Problem.NotFound($"There is no device '{id}'.", "devices");
    }
}
