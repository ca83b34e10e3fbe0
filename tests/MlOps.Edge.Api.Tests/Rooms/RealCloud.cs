using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Cloud;
using MlOps.Edge.Cloud.Assets;
using MlOps.Edge.Cloud.Devices;
using MlOps.Edge.Cloud.Events;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Cloud.Stores;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace MlOps.Edge.Api.Tests.Rooms;

/// <summary>The API over the real rooms on SQLite. Its calls cross from a client to the silo, so that answers and exceptions are serialised on the way.</summary>
public sealed class RealCloud : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-api-");
    private InProcessTestCluster? _cluster;
    private WebApplication? _app;
    private HttpClient? _http;

    public T Get<T>()
        where T : notnull => _cluster!.Silos[0].ServiceProvider.GetRequiredService<T>();

    public IGrainFactory Grains => _cluster!.Client;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMlOpsRooms(_folder.FullName, virtualTime: true);
            silo.Services.AddSingleton<IDeviceDownlink, NoDevices>();
            silo.Services.PostConfigure<RegistryOptions>(o => o.SigningKey = Path.Combine(_folder.FullName, "keys", "model-signing.pem"));

            // The other tests' fakes are classes of the same interfaces; here only the real rooms answer.
            silo.Services.PostConfigure<GrainTypeOptions>(o => o.Classes.RemoveWhere(c => c.Assembly == typeof(RealCloud).Assembly));
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();

        var rooms = _cluster.Silos[0].ServiceProvider;
        var web = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        web.Logging.ClearProviders();
        web.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        web.Services.AddSingleton(Grains);
        web.Services.AddSingleton(rooms.GetRequiredService<IMaintenanceDesk>()).AddSingleton(rooms.GetRequiredService<IMaintenanceLog>()).AddSingleton(rooms.GetRequiredService<IEventLog>())
            .AddSingleton(rooms.GetRequiredService<IDeadLetters>()).AddSingleton(rooms.GetRequiredService<IStoreBackup>());
        web.Services.AddSingleton(rooms.GetRequiredService<ITelemetryQueries>()).AddSingleton(rooms.GetRequiredService<ITelemetryFeed>());
        web.Services.AddMlOpsApi();
        _app = web.Build();
        _app.MapMlOpsApi(virtualTime: false);
        await _app.StartAsync();
        _http = new() { BaseAddress = new(_app.Urls.Single()) };
    }

    public Task<Answer> GetAsync(string path) => Answer.OfAsync(_http!, HttpMethod.Get, path);

    public Task<Answer> SendAsync(HttpMethod method, string path, string body) => Answer.OfAsync(_http!, method, path, body);

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private sealed class NoDevices : IDeviceDownlink
    {
        public Task PublishDesiredAsync(DeviceId device, long epoch, Assignment assignment, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task PublishBlobsAsync(IReadOnlyCollection<Sha256Digest> blobs, bool again, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
