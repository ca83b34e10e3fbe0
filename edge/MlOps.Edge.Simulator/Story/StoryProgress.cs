using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlOps.Edge.Simulator.Story;

/// <summary>How far the plant is: one JSON line each on standard output.</summary>
/// <param name="Phase">history or field.</param>
internal sealed record StoryProgress(string Phase, long Done, long Of, string? Note = null)
{
    public void Print() => Console.WriteLine(JsonSerializer.Serialize(this, StoryJson.Default.StoryProgress));
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoryProgress))]
internal sealed partial class StoryJson : JsonSerializerContext;
