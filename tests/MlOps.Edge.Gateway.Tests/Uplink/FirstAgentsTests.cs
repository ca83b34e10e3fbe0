using System.Text;
using Google.Protobuf;
using MlOps.Edge.Cloud.Telemetry;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Telemetry;

namespace MlOps.Edge.Gateway.Tests.Uplink;

/// <summary>What the first agents sent, recorded from their wire, and what later ones may send that this cloud does not know.</summary>
public sealed class FirstAgentsTests(FirstAgentsTests.Cloud cloud) : IClassFixture<FirstAgentsTests.Cloud>
{
    private static readonly byte[] Batch = Convert.FromBase64String(Recorded("first-agents-batch.b64"));

    [Fact]
    public async Task Their_batches_are_stored_as_they_came_and_mean_what_they_meant()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "device-02");
        await device.PublishAsync(Topics.Telemetry(device.Id), Batch);
        await Wait.UntilAsync(() => device.Stored is { Through: 0, Above: [{ First: 188, Last: 188 }] });

        var stored = Assert.Single(await StoredAsync(device));
        Assert.Equal(Batch, stored.Payload);
        var batch = TelemetryReader.Decode(stored);
        Assert.Equal(["centrifugal-pump-02#5 258+2", "centrifugal-pump-02#6 0+3"], batch.Readings.Select(r => $"{r.Asset}#{r.Installation} {r.FirstFrame}+{r.Frames}"));
        var columns = ReadingColumns.Of(batch, batch.Readings[0]).Decode();
        Assert.Equal(14, columns.Length);
        Assert.Equal([71.2f, 72f], columns[9]);
        Assert.Equal([2.4675794f, 2.5038457f, 107.68292f], TelemetryReader.Predictions(stored, batch).Take(3).Select(p => p.Rul));
        Assert.Single(batch.Sketches);
    }

    [Fact]
    public async Task What_they_reported_is_understood_with_fields_that_this_cloud_does_not_know()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "device-03");
        var json = Recorded("first-agents-reported.json").Replace("\"group\"", "\"colour\":{\"of\":\"the housing\"},\"group\"", StringComparison.Ordinal);
        await device.PublishAsync(Topics.Reported(device.Id), Encoding.UTF8.GetBytes(json));
        await Wait.UntilAsync(() => device.Acknowledgements.Any(a => a.Reported is { Sequence: 3 }));

        var report = (await cloud.Device("device-03").GetAsync()).Reported!;
        Assert.Equal(("1.0.0", "hall-2", 1, null), (report.AgentVersion, report.Group, report.OutboxPending, report.OutboxLag));
        Assert.Equal(("centrifugal-pump-rul", 2), (report.Active!.Model, report.Active.Version));
    }

    [Fact]
    public async Task Fields_of_a_later_agent_stay_in_the_stored_bytes()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "device-04");
        byte[] later = [.. device.Batch(1).ToByteArray(), .. Field(1000, "of a later agent")];
        await device.PublishAsync(Topics.Telemetry(device.Id), later);
        await Wait.UntilAsync(() => device.Stored?.Through == 1);

        var stored = Assert.Single(await StoredAsync(device));
        Assert.Equal(later, stored.Payload);
        Assert.Single(TelemetryReader.Decode(stored).Readings);
    }

    [Fact]
    public async Task A_batch_of_another_protocol_is_refused_by_that_name()
    {
        using var device = await RawDevice.ConnectAsync(cloud.Port, "device-05");
        var batch = device.Batch(1);
        batch.Protocol = 2;
        await device.SendAsync(batch);
        await Wait.UntilAsync(() => device.Refusals.Count > 0);
        Assert.Equal("protocol", device.Refusals[0].Code);
    }

    private async Task<IEnumerable<StoredBatch>> StoredAsync(RawDevice device) =>
        (await cloud.Get<ITelemetryStore>().ReadAsync(0, 100, TestContext.Current.CancellationToken)).Where(batch => batch.Device == device.Id);

    private static string Recorded(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Uplink", "Recorded", name));

    // A length-delimited field, https://protobuf.dev/programming-guides/encoding/
    private static byte[] Field(int number, string text)
    {
        using var bytes = new MemoryStream();
        using var output = new CodedOutputStream(bytes);
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
        output.Flush();
        return bytes.ToArray();
    }

    public sealed class Cloud : RunningCloud;
}
