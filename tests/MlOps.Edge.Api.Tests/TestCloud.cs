using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Drift;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Fleets;
using MlOps.Edge.Cloud.Lifecycle;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts.Documents;

namespace MlOps.Edge.Api.Tests;

/// <summary>The API on a real port of this machine, over rooms that the test fills in.</summary>
public sealed class TestCloud : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestCloud(WebApplication app, FakeRooms rooms)
    {
        (_app, Rooms) = (app, rooms);
        Url = app.Urls.Single();
        Http = new() { BaseAddress = new(Url) };
    }

    public FakeRooms Rooms { get; }
    public string Url { get; }
    public HttpClient Http { get; }

    public static async Task<TestCloud> StartAsync(bool virtualTime = false)
    {
        var rooms = new FakeRooms();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(FakeGrainFactory.Over(rooms));
        builder.Services.AddSingleton<IHeartbeat>(rooms).AddSingleton<IEventLog>(rooms);
        builder.Services.AddSingleton<IMaintenanceDesk>(rooms.Maintenance).AddSingleton<IMaintenanceLog>(rooms.Maintenance);
        builder.Services.AddSingleton<IStoreBackup>(rooms.Backups).AddSingleton<ICloudRestart>(rooms.Backups);
        builder.Services.AddSingleton<IDeadLetters>(rooms.DeadLetters);
        builder.Services.AddSingleton<ITelemetryQueries>(rooms.Telemetry).AddSingleton<ITelemetryFeed>(rooms.Telemetry);
        builder.Services.AddMlOpsApi();
        var app = builder.Build();
        app.MapMlOpsApi(virtualTime);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, rooms);
    }

    /// <summary>One model with a version, one device that refused it, and what was said about both.</summary>
    public static async Task<TestCloud> WithOneDeviceAsync(bool virtualTime = false)
    {
        var cloud = await StartAsync(virtualTime);
        var refused = new DeploymentView("active", 3, "r1", "pump-rul", 1, DeploymentState.Rejected, "the signature is not from a trusted key", 4, 4);
        cloud.Rooms.Fleet.Add(new() { Id = "pump-07", Group = "hall-2", MachineKind = "centrifugal-pump", Asset = "pump-07", Installation = 2, Online = true, DesiredEpoch = 3, ReportedEpoch = 3, Deployments = [refused] });
        cloud.Rooms.Devices["pump-07"] = new()
        {
            Id = "pump-07",
            Known = true,
            Online = true,
            LastSeen = DateTimeOffset.UnixEpoch,
            DesiredEpoch = 3,
            Desired = new(new("pump-rul", 1, "m", "s"), null, "r1"),
            Reported = new()
            {
                Session = "s",
                Sequence = 1,
                AgentVersion = "1.0.0",
                Runtime = ".NET 10",
                Os = "Linux",
                Group = "hall-2",
                DesiredEpoch = 3,
                Assets = [new("pump-07", "centrifugal-pump", 2, 411)],
                Deployments = [refused],
                SensorFaults = [new("pump-07", "vibration_rms", "stuck at 3.2 mm/s")],
                OutboxPending = 2,
                OutboxBytes = 4096,
            },
            Batches = 17,
        };
        cloud.Rooms.Models["pump-rul"] = new("pump-rul") { View = new("pump-rul", Definition, [Version, Version with { Version = 2, Run = "run-2", Parent = 1 }], new() { ["champion"] = 1 }) };
        cloud.Rooms.Drift["pump-rul"] = new()
        {
            Model = "pump-rul",
            Version = 1,
            Watermark = DateTimeOffset.UnixEpoch.AddHours(400),
            Fleet = new() { Verdict = DriftVerdictKind.Drift, Cause = DriftCause.Fleet, Channels = ["vibration_rms"], Evidence = "score 2.1 over threshold 1.4" },
            Channels = [new("vibration_rms", "psi", 2.1, 1.4)],
            Field = [new(1, 12, 14.2, 0.91, 40.5)],
        };
        return cloud;
    }

    public static string Definition =>
        """{"name":"pump-rul","machineKind":"centrifugal-pump","channels":[{"name":"vibration_rms","unit":"mm/s","role":"sensor"}],"window":30,"stride":1,"sampleInterval":"01:00:00","rulCap":125,"coverage":0.9}""";

    private static ModelVersionView Version => new()
    {
        Model = "pump-rul",
        Version = 1,
        Manifest = "m",
        Signature = "s",
        Onnx = new('a', 64),
        Size = 4096,
        Blobs = [],
        Snapshot = "snap",
        Run = "run-1",
        Trainer = "lightgbm",
        Metrics = new() { ["judged_rmse"] = 13.5 },
        RegisteredAt = DateTimeOffset.UnixEpoch,
    };

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json") => Answer.OfAsync(Http, method, path, body, type);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}

public sealed record Answer(HttpStatusCode Status, string? Type, string Text)
{
    public static async Task<Answer> OfAsync(HttpClient http, HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, type) };
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return new(response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public JsonElement Json => JsonElement.Parse(Text);

    /// <summary>Checks that this is a problem of this status, and returns its detail.</summary>
    public string Problem(HttpStatusCode status)
    {
        Assert.Equal(status, Status);
        Assert.Equal("application/problem+json", Type);
        Assert.Equal((int)status, Json.GetProperty("status").GetInt32());
        return Json.GetProperty("detail").GetString()!;
    }
}
