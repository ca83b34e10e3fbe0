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

        devices.MapGet("/", List).WithName("ListDevices").WithSummary("Devices by id, optionally of one group or machine kind")
            .ProducesProblem(StatusCodes.Status404NotFound);
        devices.MapGet("/{id}", Get).WithName("GetDevice").WithSummary("What a device should run, what it says it runs, and why it waits")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    // Groups and machine kinds are what devices say of themselves: one that no device names does not exist.
    private static async Task<Results<Ok<DeviceSummary[]>, ProblemHttpResult>> List(IGrainFactory grains, string? group = null, string? machineKind = null)
    {
        var fleet = grains.GetGrain<IFleetGrain>(IFleetGrain.Default);
        var devices = await fleet.ListAsync(new(group, machineKind));
        if (devices.Length > 0 || (group ?? machineKind) is null)
        {
            return TypedResults.Ok(devices);
        }

        var all = await fleet.ListAsync(new());
        return Unknown("group", group, all.Select(d => d.Group)) ?? Unknown("machine kind", machineKind, all.Select(d => d.MachineKind)) ?? (Results<Ok<DeviceSummary[]>, ProblemHttpResult>)TypedResults.Ok(devices);
    }

    private static ProblemHttpResult? Unknown(string what, string? name, IEnumerable<string?> known)
    {
        string[] names = [.. known.OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        return name is null || names.Contains(name) ? null
            : Problem.NotFound($"No device is of a {what} '{name}'; known are {(names.Length > 0 ? string.Join(", ", names) : "none yet")}.", "devices");
    }

    private static async Task<Results<Ok<DeviceView>, ProblemHttpResult>> Get(DeviceId id, IGrainFactory grains)
    {
        var device = await grains.GetGrain<IDeviceGrain>(id.ToString()).GetAsync();
        return device.Known ? TypedResults.Ok(device) : Problem.NotFound($"There is no device '{id}'.", "devices");
    }
}
