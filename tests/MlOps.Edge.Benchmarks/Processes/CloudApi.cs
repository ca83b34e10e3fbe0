using System.Net;
using System.Text.Json;

namespace MlOps.Edge.Benchmarks.Processes;

/// <summary>Questions to a cloud's REST API.</summary>
internal sealed class CloudApi(int port) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = new Uri(FormattableString.Invariant($"http://127.0.0.1:{port}/api/v1/")) };

    /// <summary>A document; null: there is no such thing.</summary>
    /// <param name="path">Below <c>/api/v1/</c>.</param>
    /// <exception cref="BenchmarkException">The cloud gives no good answer.</exception>
    public async Task<JsonElement?> FindAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return response.StatusCode == HttpStatusCode.NotFound ? null : JsonElement.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken));
        }
        catch (HttpRequestException e)
        {
            throw new BenchmarkException($"The cloud does not answer GET {path}: {e.Message}");
        }
    }

    public void Dispose() => _client.Dispose();
}
