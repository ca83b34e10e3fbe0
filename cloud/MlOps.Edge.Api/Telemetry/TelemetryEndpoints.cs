using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MlOps.Edge.Api.Problems;
using MlOps.Edge.Cloud.Telemetry;
using HttpJsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace MlOps.Edge.Api.Telemetry;

internal static class TelemetryEndpoints
{
    private const int DefaultGaps = 100;
    private const int MaxGaps = 1000;
    private const string Csv = "text/csv";
    private const string Lines = "application/x-ndjson";
    private const string Parquet = "application/vnd.apache.parquet";

    public static void MapTelemetry(this IEndpointRouteBuilder routes)
    {
        var telemetry = routes.MapGroup("/telemetry").WithTags("Telemetry").ProducesProblem(StatusCodes.Status404NotFound);

        telemetry.MapGet("/latest", Latest).WithName("ReadLatest").WithSummary("The newest frame of each unit");
        telemetry.MapGet("/range", Range).WithName("ReadRange").WithSummary("Readings of a span of time, as frames or as figures of minutes or hours")
            .Produces<Stream>(StatusCodes.Status200OK, contentType: "application/json", additionalContentTypes: [Lines, Csv]);
        telemetry.MapGet("/export", Export).WithName("ExportFrames").WithSummary("Every frame of a span of time as a file")
            .Produces<Stream>(StatusCodes.Status200OK, contentType: Parquet, additionalContentTypes: [Lines, Csv]);
        telemetry.MapGet("/gaps", Gaps).WithName("ListGaps").WithSummary("What devices said will never come, the newest first");
        telemetry.MapGet("/live", Live).WithName("FollowReadings").WithSummary("New readings as they are stored, as server-sent events")
            .Produces<Stream>(StatusCodes.Status200OK, contentType: "text/event-stream");
    }

    private static async Task<Ok<LatestResponse[]>> Latest([AsParameters] UnitParameters units, ITelemetryQueries queries, CancellationToken cancellationToken)
    {
        var latest = await queries.GetLatestAsync(units.Selector(), units.ChannelNames(), cancellationToken);
        return TypedResults.Ok(latest.Select(LatestResponse.From).ToArray());
    }

    private static async Task<PushStreamHttpResult> Range(
        [AsParameters] UnitParameters units, [AsParameters] SpanParameters span, ITelemetryQueries queries, HttpRequest request, IOptions<HttpJsonOptions> json,
        CancellationToken cancellationToken, string resolution = "auto", int maxPoints = RangeQuery.DefaultMaxPoints, string? format = null)
    {
        var form = Form(request, format, [RangeFormat.Json, RangeFormat.Ndjson, RangeFormat.Csv], "; parquet is at /telemetry/export");
        var query = Query(units, span) with { Resolution = Text.Word<Resolution>("resolution", resolution), MaxPoints = maxPoints };
        var plan = await queries.PlanAsync(query, cancellationToken);
        if (form != RangeFormat.Json)
        {
            return Stream(form, queries, plan, null, cancellationToken);
        }

        var gaps = await queries.ListGapsAsync(query.Units, QueryTime.At(plan.From), QueryTime.At(plan.To), MaxGaps, cancellationToken);
        return TypedResults.Stream(
            to => RangeAsText.WriteJsonAsync(to, plan, queries.ReadAsync(plan, cancellationToken), gaps, json.Value.SerializerOptions, cancellationToken), "application/json");
    }

    private static async Task<PushStreamHttpResult> Export(
        [AsParameters] UnitParameters units, [AsParameters] SpanParameters span, ITelemetryQueries queries, HttpRequest request, CancellationToken cancellationToken, string? format = null)
    {
        var form = Form(request, format, [RangeFormat.Parquet, RangeFormat.Csv, RangeFormat.Ndjson], "; json is at /telemetry/range");
        var query = Query(units, span) with { Resolution = Resolution.Raw };
        var plan = await queries.PlanAsync(span.From is null ? query with { From = QueryTime.At(DateTimeOffset.UnixEpoch) } : query, cancellationToken);
        return Stream(form, queries, plan, $"telemetry.{Text.Word(form)}", cancellationToken);
    }

    private static async Task<Results<Ok<GapResponse[]>, ProblemHttpResult>> Gaps(
        [AsParameters] UnitParameters units, [AsParameters] SpanParameters span, ITelemetryQueries queries, CancellationToken cancellationToken, int limit = DefaultGaps)
    {
        if (limit is < 1 or > MaxGaps)
        {
            return Problem.Invalid("limit", $"1 to {MaxGaps}");
        }

        var gaps = await queries.ListGapsAsync(units.Selector(), span.First(), span.End(), limit, cancellationToken);
        return TypedResults.Ok(gaps.Select(GapResponse.From).ToArray());
    }

    private static async Task<PushStreamHttpResult> Live(
        [AsParameters] UnitParameters units, ITelemetryFeed feed, TimeProvider clock, IHostApplicationLifetime host, HttpResponse response, CancellationToken cancellationToken)
    {
        var subscription = await feed.SubscribeAsync(units.Selector(), units.ChannelNames(), cancellationToken);
        response.RegisterForDispose(subscription);
        response.Headers.CacheControl = "no-cache";
        return TypedResults.Stream(
            async to =>
            {
                using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.ApplicationStopping);
                try
                {
                    await LiveEvents.WriteAsync(to, subscription, clock, end.Token);
                }
                catch (OperationCanceledException) when (end.IsCancellationRequested)
                {
                    // The reader has left, or the cloud stops: that is how a feed ends.
                }
            },
            "text/event-stream");
    }

    private static RangeQuery Query(UnitParameters units, SpanParameters span)
    {
        var query = new RangeQuery { Units = units.Selector(), Channels = units.ChannelNames(), To = span.End() };
        return span.First() is { } from ? query with { From = from } : query;
    }

    /// <summary>What the parameter says, or else the header.</summary>
    /// <param name="taken">The first is what comes unasked.</param>
    /// <param name="others">Where the others are.</param>
    private static RangeFormat Form(HttpRequest request, string? format, RangeFormat[] taken, string others)
    {
        var accept = request.Headers.Accept.ToString();
        return format is not null ? Text.Word("format", format, taken, others)
            : accept.Contains(Csv, StringComparison.OrdinalIgnoreCase) ? RangeFormat.Csv
            : accept.Contains(Lines, StringComparison.OrdinalIgnoreCase) ? RangeFormat.Ndjson
            : taken[0];
    }

    private static PushStreamHttpResult Stream(RangeFormat format, ITelemetryQueries queries, RangePlan plan, string? file, CancellationToken cancellationToken)
    {
        var pages = queries.ReadAsync(plan, cancellationToken);
        return format switch
        {
            RangeFormat.Csv => TypedResults.Stream(to => RangeAsText.WriteCsvAsync(to, plan, pages, cancellationToken), Csv, file),
            RangeFormat.Ndjson => TypedResults.Stream(to => RangeAsText.WriteLinesAsync(to, plan, pages, cancellationToken), Lines, file),
            _ => TypedResults.Stream(to => RangeAsParquet.WriteAsync(to, plan, pages, cancellationToken), Parquet, file),
        };
    }

    private enum RangeFormat
    {
        Json,
        Ndjson,
        Csv,
        Parquet,
    }
}
