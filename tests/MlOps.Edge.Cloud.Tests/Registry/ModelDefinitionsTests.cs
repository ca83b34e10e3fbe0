using MlOps.Edge.Cloud.Registry;

namespace MlOps.Edge.Cloud.Tests.Registry;

public class ModelDefinitionsTests
{
    private static string Good => ModelDefinitions.Canonical(Drafts.Definition("pump"));

    [Theory]
    [InlineData("\"window\":3", "\"window\":0", "window is 0")]
    [InlineData("\"coverage\":0.9", "\"coverage\":1", "coverage is not between 0 and 1")]
    [InlineData("\"name\":\"flow\"", "\"name\":\"vibration_rms\"", "'vibration_rms' is there twice")]
    [InlineData("\"name\":\"pump\"", "\"name\":\"fan\"", "names the model 'fan'")]
    [InlineData("\"sampleInterval\":\"00:10:00\"", "\"sampleInterval\":\"00:00:00\"", "sampleInterval")]
    [InlineData("\"machineKind\":", "\"kind\":", "machineKind")]
    public void A_fault_is_named(string good, string bad, string says)
    {
        var json = Good.Replace(good, bad, StringComparison.Ordinal);
        Assert.NotEqual(Good, json);

        var error = Assert.Throws<InvalidModelException>(() => ModelDefinitions.Read("pump", json));

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_definition_read_and_written_is_the_same_text() =>
        Assert.Equal(Good, ModelDefinitions.Canonical(ModelDefinitions.Read("pump", Good.Replace(":", ": ", StringComparison.Ordinal).Replace("00: 10: 00", "00:10:00", StringComparison.Ordinal))));
}
