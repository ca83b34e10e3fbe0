using MlOps.Edge.Agent.Sensing;

namespace MlOps.Edge.Agent.Tests.Sensing;

public sealed class ReplaySensorTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    private ISensor Open(string text, long age = 0, string loop = "true")
    {
        File.WriteAllText(_file, text);
        return new ReplaySensorDriver().Open(new() { Settings = { ["File"] = _file, ["Loop"] = loop } }, age);
    }

    private static async Task ExpectAsync(ISensor sensor, SensorReading reading, params float[] values)
    {
        var read = new float[sensor.Channels.Count];
        Assert.Equal(reading, await sensor.ReadAsync(read, TestContext.Current.CancellationToken));
        Assert.Equal(values, read);
    }

    [Fact]
    public async Task A_recording_is_read_in_order_with_names_units_and_missing_values()
    {
        await using var sensor = Open("flow[L/min],count[1]\n1.5,2\n,3\n");
        Assert.Equal([new("flow", "L/min"), new("count", "1")], sensor.Channels);
        await ExpectAsync(sensor, SensorReading.Read, 1.5f, 2);
        await ExpectAsync(sensor, SensorReading.Read, float.NaN, 3);
    }

    [Fact]
    public async Task At_its_end_it_begins_again_as_another_machine()
    {
        await using var sensor = Open("x[1]\n1\n2\n");
        await ExpectAsync(sensor, SensorReading.Read, 1);
        await ExpectAsync(sensor, SensorReading.Read, 2);
        await ExpectAsync(sensor, SensorReading.Renewed, 1);
        await ExpectAsync(sensor, SensorReading.Read, 2);
    }

    [Fact]
    public async Task At_its_end_it_stops_when_told()
    {
        await using var sensor = Open("x[1]\n1\n", loop: "false");
        await ExpectAsync(sensor, SensorReading.Read, 1);
        await ExpectAsync(sensor, SensorReading.Ended, 0);
    }

    [Fact]
    public async Task A_recording_that_was_left_goes_on_at_that_age()
    {
        await using var sensor = Open("x[1]\n1\n2\n3\n", age: 2);
        await ExpectAsync(sensor, SensorReading.Read, 3);
    }

    [Theory]
    [InlineData("x\n1\n", "write channel[unit]")]
    [InlineData("x[1]\n", "no frames")]
    [InlineData("x[1],y[1]\n1\n", "line 2: 1 values for 2 channels")]
    [InlineData("x[1]\n1\nabc\n", "line 3: 'abc' is not a number")]
    public void A_malformed_recording_is_one_clear_line(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<AgentConfigurationException>(() => Open(text)).Message);
}
