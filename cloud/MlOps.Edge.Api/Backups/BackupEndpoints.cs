using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Api.Problems;
using MlOps.Edge.Cloud.Stores;

namespace MlOps.Edge.Api.Backups;

internal static class BackupEndpoints
{
    /// <summary>A header that says what is not in a backup.</summary>
    public const string NotIncluded = "Mlops-Not-Included";

    public const string MediaType = "application/vnd.sqlite3";

    public static void MapBackups(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/backup", Take).WithTags("Backup").WithName("TakeBackup").Produces<Stream>(StatusCodes.Status200OK, MediaType)
            .WithSummary("A copy of everything durable, of one moment; Content-Digest (RFC 9530) has its SHA-256. Keys are not in it, and what the header Mlops-Not-Included names");
        routes.MapPost("/restore", Restore).WithTags("Backup").WithName("RestoreBackup").Accepts<Stream>(MediaType).WithMetadata(new DisableRequestSizeLimitAttribute())
            .WithSummary("Checks a backup, and starts the cloud again with it; what was there is kept beside it");
    }

    private static async Task<IResult> Take(IStoreBackup store, HttpContext http)
    {
        var copy = await store.TakeAsync(http.RequestAborted);
        http.Response.RegisterForDispose(copy);
        http.Response.Headers["Content-Digest"] = $"sha-256=:{Convert.ToBase64String(copy.Sha256)}:";
        if (copy.NotIncluded is { } elsewhere)
        {
            http.Response.Headers[NotIncluded] = elsewhere;
        }

        return TypedResults.PhysicalFile(copy.Path, MediaType, "cloud.db");
    }

    private static async Task<Results<Accepted<StagedBackup>, ProblemHttpResult>> Restore(Stream body, IStoreBackup store, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetService<ICloudRestart>() is not { } cloud)
        {
            return Problem.Unprocessable("This cloud was not started by 'serve' and cannot start itself again.");
        }

        try
        {
            var staged = await store.StageAsync(body, cancellationToken);
            cloud.Request();
            return TypedResults.Accepted((string?)null, staged);
        }
        catch (InvalidBackupException e)
        {
            return Problem.Unprocessable(e.Message);
        }
    }
}
