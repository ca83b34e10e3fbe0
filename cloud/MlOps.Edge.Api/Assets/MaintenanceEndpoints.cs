using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using MlOps.Edge.Api.Problems;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Api.Assets;

internal static class MaintenanceEndpoints
{
    public static void MapMaintenance(this IEndpointRouteBuilder routes)
    {
        var events = routes.MapGroup("/events").WithTags("Maintenance");

        events.MapGet("/", List).WithName("ListMaintenance").WithSummary("Maintenance events in order, optionally of one asset")
            .ProducesProblem(StatusCodes.Status404NotFound);
        events.MapPost("/", Record).WithName("RecordMaintenance").WithSummary("Record what maintenance did or found; the same event again changes nothing")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }

    private static async Task<Results<Ok<MaintenanceResponse[]>, ProblemHttpResult>> List(IMaintenanceDesk desk, IMaintenanceLog log, CancellationToken cancellationToken, AssetId? asset = null)
    {
        try
        {
            var events = asset is { } one ? await desk.HistoryAsync(one, cancellationToken) : await log.ReadAsync(0, cancellationToken);
            return TypedResults.Ok(events.Select(MaintenanceResponse.From).ToArray());
        }
        catch (UnknownUnitException e)
        {
            return Problem.NotFound(e.Message, "devices");
        }
    }

    private static async Task<Results<Created<MaintenanceResponse>, Ok<MaintenanceResponse>, ProblemHttpResult>> Record(
        ReportMaintenance report, IMaintenanceDesk desk, IMaintenanceLog log, CancellationToken cancellationToken)
    {
        if (report.FirstBroken() is var (field, rule))
        {
            return Problem.Invalid(field, rule);
        }

        var known = await log.ListAsync(AssetId.Parse(report.Asset), cancellationToken);
        try
        {
            var recorded = await desk.RecordAsync(report.ToReport(), cancellationToken);
            var response = MaintenanceResponse.From(recorded);
            return known.Any(e => e.Position == recorded.Position)
                ? TypedResults.Ok(response)
                : TypedResults.Created($"{MlOpsApi.Root}/events?asset={report.Asset}", response);
        }
        catch (UnknownUnitException e)
        {
            return Problem.NotFound(e.Message, "devices");
        }
        catch (InvalidMaintenanceEventException e)
        {
            return known.Any(k => k.Event.Id == report.Id) ? Problem.Conflict(e.Message) : Problem.Unprocessable(e.Message);
        }
    }
}
