using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;
using MQTTnet;
using MQTTnet.Protocol;

namespace MlOps.Edge.Host.Tests.Monitoring;

/// <summary>A cloud as serve builds it, with one device that says everything a device can say.</summary>
// Of two clouds that start in one process at the same time, one was seen to show no meters of its own; serve has a process to itself.
[Collection("one cloud at a time")]
public sealed partial class MonitoringTests : IAsyncLifetime
{
    private const string Device = "label-probe-01";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-monitoring-");
    private readonly HttpClient _http = new();
    private WebApplication? _app;

    public async ValueTask InitializeAsync()
    {
        var settings = new CloudSettings
        {
            DataFolder = _folder.FullName,
            HttpPort = CloudSettings.FreePort(0, "REST", ""),
            MqttPort = CloudSettings.FreePort(0, "MQTT", ""),
            VirtualTime = true,
        };
        _app = await CloudHost.StartAsync(settings, quiet: true, cancellationToken: TestContext.Current.CancellationToken);
        _http.BaseAddress = settings.Api;

        using var device = new MqttClientFactory().CreateMqttClient();
        await device.ConnectAsync(
            new MqttClientOptionsBuilder().WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithTcpServer("127.0.0.1", settings.MqttPort).WithClientId(Device).Build(),
            TestContext.Current.CancellationToken);
        var id = DeviceId.Parse(Device);
        await PublishAsync(device, Topics.Telemetry(id), Batch().ToByteArray());
        await PublishAsync(device, Topics.Telemetry(id), [0xff]);
        await PublishAsync(device, Topics.Reported(id), [.. """{"session":"s","sequence":1,"agent":{"version":"1","runtime":"r","os":"o"},"outbox":{"pending":0,"bytes":0,"lagMs":2500}}"""u8]);
        await PublishAsync(device, Topics.Status(id), [.. """{"online":true,"session":"s"}"""u8]);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app!.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_metrics_count_what_the_device_said_and_name_no_device()
    {
        string[] expected =
        [
            """mlops_gateway_messages_total\{[^}]*subject="telemetry"\} 2\b""", """mlops_gateway_batches_total\{[^}]*outcome="acknowledged"\} 1\b""",
            """mlops_gateway_batches_total\{[^}]*outcome="unreadable"\} 1\b""", """mlops_gateway_acknowledgement_duration_seconds_count\S* [1-9]""",
            """mlops_device_lag_seconds_sum\S* 2\.5""", """mlops_telemetry_batches_total\S* 1\b""", """mlops_telemetry_dead_letters_total\S* 1\b""",
            """mlops_devices\{[^}]*link="online"\} 1\b""", """mlops_devices_lag_max_seconds\S* 2\.5""", """mlops_gateway_connected\S* 1\b""", """mlops_gateway_inflight_size_bytes\S* 0\b""",
        ];
        var page = await UntilAsync(text => Array.TrueForAll(expected, pattern => Regex.IsMatch(text, pattern)), expected);

        Assert.DoesNotContain("label-probe", page, StringComparison.Ordinal);
        Assert.DoesNotContain(LabelName().Matches(page).Select(m => m.Groups[1].Value).Distinct(), name => name is "device" or "asset" or "client" or "client_id" or "topic");
        Assert.Contains("dotnet_gc_collections_total", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_counter_is_there_with_all_its_labels_before_anything_has_happened_to_it()
    {
        var documented = CounterRow().Matches(Documentation.Page("operate/monitoring.md")).ToArray();
        Assert.NotEmpty(documented);
        string[] expected =
        [
            .. documented.SelectMany(row => MetricName().Matches(row.Groups[1].Value)).SelectMany(metric => metric.Groups[2].Value switch
            {
                "" => [$@"(?m)^{metric.Groups[1].Value}\S* \d+"],
                var label => LabelValues[label].Select(value => $$"""(?m)^{{metric.Groups[1].Value}}\{{{label}}="{{value}}"\} \d+"""),
            }),
        ];
        var page = await UntilAsync(text => Array.TrueForAll(expected, pattern => Regex.IsMatch(text, pattern)), expected);

        // Nothing of this kind was done to the cloud.
        foreach (var untouched in new[] { """dropped_total{reason="room"}""", """dropped_total{reason="quarantine"}""", """batches_total{outcome="wanting"}""", """batches_total{outcome="undelivered"}""", "quarantines_total" })
        {
            Assert.Matches($@"(?m)^mlops_gateway_{Regex.Escape(untouched)}\S* 0\b", page);
        }

        Assert.DoesNotContain("otel_scope", page, StringComparison.Ordinal);
    }

    // Of a counter's label, every value that docs/operate/monitoring.md names.
    private static readonly Dictionary<string, string[]> LabelValues = new(StringComparer.Ordinal)
    {
        ["subject"] = ["telemetry", "reported", "status"],
        ["reason"] = ["room", "rate", "quarantine"],
        ["outcome"] = ["acknowledged", "refused", "wanting", "unreadable", "undelivered"],
    };

    [Fact]
    public async Task It_lives_and_is_ready_and_says_what_it_has_looked_at()
    {
        Assert.Equal("healthy", (await HealthAsync("/healthz", HttpStatusCode.OK)).GetProperty("status").GetString());
        await UntilReadyAsync();
        var ready = await HealthAsync("/readyz", HttpStatusCode.OK);
        Assert.Equal(["broker", "silo", "store"], ready.GetProperty("checks").EnumerateObject().Select(check => check.Name));
        Assert.All(ready.GetProperty("checks").EnumerateObject(), check => Assert.Equal("healthy", check.Value.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Without_a_broker_it_lives_and_is_not_ready()
    {
        await UntilReadyAsync();
        var broker = _app!.Services.GetServices<IHostedService>().Single(service => service.GetType().Name == "EmbeddedBroker");
        await broker.StopAsync(TestContext.Current.CancellationToken);
        while ((await _http.GetAsync("/readyz", TestContext.Current.CancellationToken)).StatusCode == HttpStatusCode.OK)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var checks = (await HealthAsync("/readyz", HttpStatusCode.ServiceUnavailable)).GetProperty("checks");
        Assert.Equal("unhealthy", checks.GetProperty("broker").GetProperty("status").GetString());
        Assert.Equal("healthy", checks.GetProperty("store").GetProperty("status").GetString());
        await HealthAsync("/healthz", HttpStatusCode.OK);
    }

    private static TelemetryBatch Batch() => new()
    {
        Protocol = 1,
        StreamEpoch = ByteString.CopyFrom(new byte[16]),
        Sequence = 1,
        Device = Device,
        Readings =
        {
            new Readings
            {
                Asset = $"{Device}-pump", Installation = 1, MachineKind = "pump", FirstFrame = 1, Frames = 1, FirstTimeMs = 1_700_000_000_000, IntervalMs = 1000,
                Columns = { new Column { Channel = "x", Unit = "1", Float32 = ByteString.CopyFrom(new byte[sizeof(float)]) } },
            },
        },
    };

    private static Task<MqttClientPublishResult> PublishAsync(IMqttClient device, string topic, byte[] payload) =>
        device.PublishBinaryAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce, retain: false, TestContext.Current.CancellationToken);

    private async Task<JsonElement> HealthAsync(string path, HttpStatusCode status)
    {
        using var answer = await _http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task UntilReadyAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while ((await _http.GetAsync("/readyz", limit.Token)).StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }
    }

    private async Task<string> UntilAsync(Func<string, bool> condition, string[] expected)
    {
        var page = "";
        for (var attempt = 0; attempt < 300; attempt++)
        {
            page = await _http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
            if (condition(page))
            {
                return page;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"Not there: {string.Join(", ", expected.Where(pattern => !Regex.IsMatch(page, pattern)))} in\n{page.Length} characters:\n{string.Join('\n', page.Split('\n').Where(line => line.StartsWith("mlops", StringComparison.Ordinal) || line.StartsWith("# TYPE", StringComparison.Ordinal)).Take(60))}");
        return page;
    }

    [GeneratedRegex("[{,]([a-z_]+)=\"")]
    private static partial Regex LabelName();

    [GeneratedRegex(@"^\| (`mlops_[^|]+) \| counter \|", RegexOptions.Multiline)]
    private static partial Regex CounterRow();

    [GeneratedRegex(@"`(mlops_\w+)(?:\{(\w+)\})?`")]
    private static partial Regex MetricName();
}
