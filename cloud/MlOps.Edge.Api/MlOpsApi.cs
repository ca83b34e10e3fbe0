using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MlOps.Edge.Api.Assets;
using MlOps.Edge.Api.Backups;
using MlOps.Edge.Api.Devices;
using MlOps.Edge.Api.Drift;
using MlOps.Edge.Api.Events;
using MlOps.Edge.Api.Health;
using MlOps.Edge.Api.Lifecycle;
using MlOps.Edge.Api.Problems;
using MlOps.Edge.Api.Registry;
using MlOps.Edge.Api.Rollouts;
using MlOps.Edge.Api.Telemetry;
using MlOps.Edge.Api.Training;

namespace MlOps.Edge.Api;

/// <summary>The REST API over the rooms: what a grain or a port answers, as JSON. It holds no state and takes no decision.</summary>
public static class MlOpsApi
{
    public const string Root = "/api/v1";

    /// <summary>The largest request body, in bytes. A model definition is some kilobytes.</summary>
    public const long MaxBodyBytes = 256 * 1024;

    /// <summary>
    /// Registers JSON, problem details and OpenAPI. The host brings the grain factory and the ports
    /// <c>IMaintenanceDesk</c>, <c>IMaintenanceLog</c>, <c>IEventLog</c>, <c>IDeadLetters</c>, <c>IStoreBackup</c>, <c>ITelemetryQueries</c>, <c>ITelemetryFeed</c>, and <c>IHeartbeat</c> where time is virtual.
    /// </summary>
    public static IServiceCollection AddMlOpsApi(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.ConfigureHttpJsonOptions(http => Configure(http.SerializerOptions));

        // A request that cannot be read reaches the exception handler, which says what was wrong with it.
        services.Configure<RouteHandlerOptions>(o => o.ThrowOnBadRequest = true);
        services.AddProblemDetails(o => o.CustomizeProblemDetails = ProblemPages.Complete);
        services.AddSingleton<UnreadableRequest>();
        services.AddExceptionHandler<ApiExceptionHandler>();
        services.AddTransient<IStartupFilter, ProblemPages>();
        services.AddOpenApi("v1", ApiDescription.Configure);
        return services;
    }

    /// <summary>Maps every room under <see cref="Root"/>, and the OpenAPI document at <c>/openapi/v1.json</c>.</summary>
    /// <param name="virtualTime">Time is what the owner of the clock says: <c>POST /clock</c> exists.</param>
    public static IEndpointConventionBuilder MapMlOpsApi(this IEndpointRouteBuilder routes, bool virtualTime)
    {
        routes.MapOpenApi();
        var api = routes.MapGroup(Root).WithMetadata(new RequestSizeLimitAttribute(MaxBodyBytes), Problems(400), Problems(500)).AddEndpointFilter<KnownParameters>();
        api.MapHealth();
        api.MapDevices();
        api.MapModels();
        api.MapLifecycle();
        api.MapTrainingRuns();
        api.MapRollouts();
        api.MapDrift();
        api.MapMaintenance();
        api.MapLog();
        api.MapBackups();
        api.MapDeadLetters();
        api.MapTelemetry();
        if (virtualTime)
        {
            api.MapClock();
        }

        return api;
    }

    private static ProducesResponseTypeMetadata Problems(int status) => new(status, typeof(ProblemDetails), ["application/problem+json"]);

    /// <summary>camelCase, enums as kebab-case words, numbers as numbers, nulls left out; an unknown field is an error, because it is a misspelt one.</summary>
    /// <remarks>By reflection: generated readers forget the initial values of init-only properties, which are the defaults of our requests.</remarks>
    internal static void Configure(JsonSerializerOptions json)
    {
        json.NumberHandling = JsonNumberHandling.Strict;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.RespectRequiredConstructorParameters = true;
        json.RespectNullableAnnotations = true;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
    }
}
