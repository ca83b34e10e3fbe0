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
        devices.MapPost("/{id}/release", Release).WithName("ReleaseDevice").WithSummary("Ends a device's quarantine")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        devices.MapGet("/{id}", Get).WithName("GetDevice").WithSummary("What a device should run, what it says it runs, and why it waits")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    // Groups and machine kinds are what devices say of themselves: one that no device names does not exist.
    private static async Task<Results<Ok<DeviceSummary[]>, ProblemHttpResult>> List(IGrainFactory grains, TimeProvider clock, string? group = null, string? machineKind = null)
    {
        var fleet = grains.GetGrain<IFleetGrain>(IFleetGrain.Default);
        var devices = await fleet.ListAsync(new(group, machineKind));
        if (devices.Length > 0 || (group ?? machineKind) is null)
        {
            var now = clock.GetUtcNow();
            return TypedResults.Ok(Array.ConvertAll(devices, device => device with
            {
                Lag = DeviceLag.At(now, device.Lag, device.Online, device.LastSeen),
                Quarantine = Current(device.Quarantine, now),
            }));
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

    private static async Task<Results<Ok<DeviceView>, ProblemHttpResult>> Get(DeviceId id, IGrainFactory grains, TimeProvider clock)
    {
        var device = await grains.GetGrain<IDeviceGrain>(id.ToString()).GetAsync();
        return device.Known ? TypedResults.Ok(At(device, clock.GetUtcNow())) : Problem.NotFound($"There is no device '{id}'.", "devices");
    }

    private static async Task<Results<Ok<DeviceView>, ProblemHttpResult>> Release(DeviceId id, ReleaseRequest request, IGrainFactory grains, TimeProvider clock)
    {
        if (string.IsNullOrWhiteSpace(request.By))
        {
            return Problem.Invalid("by", "who says so");
        }

        var device = grains.GetGrain<IDeviceGrain>(id.ToString());
        if (!(await device.GetAsync()).Known)
        {
            return Problem.NotFound($"There is no device '{id}'.", "devices");
        }

        return await device.ReleaseAsync(request.By, clock.GetUtcNow())
            ? TypedResults.Ok(At(await device.GetAsync(), clock.GetUtcNow()))
            : Problem.Conflict($"Device '{id}' is in no quarantine.");
    }

    // What is over is nobody's trouble any more; the grain keeps it to know how long the next one lasts.
    private static DeviceQuarantine? Current(DeviceQuarantine? quarantine, DateTimeOffset now) => quarantine?.IsOver(now) == false ? quarantine : null;

    private static DeviceView At(DeviceView device, DateTimeOffset now) =>
        device with { Lag = DeviceLag.At(now, device.Lag, device.Online, device.LastSeen), Quarantine = Current(device.Quarantine, now) };
}

/// <param name="By">Who says so; it goes into the log.</param>
internal sealed record ReleaseRequest(string By);
