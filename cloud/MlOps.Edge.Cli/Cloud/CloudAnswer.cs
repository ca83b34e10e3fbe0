using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MlOps.Edge.Cli.Cloud;

/// <summary>A document as the API sent it.</summary>
internal sealed record CloudAnswer(JsonElement Document, HttpStatusCode Status)
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public T As<T>(JsonTypeInfo<T> type) => Document.Deserialize(type) ?? throw new JsonException("An empty document.");

    /// <summary>The same document, in lines.</summary>
    public string Indented()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Readable))
        {
            Document.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
