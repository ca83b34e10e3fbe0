using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MlOps.Edge.Cli.Cloud;

/// <summary>The cloud's REST API. Every failure comes out as one line and an exit code.</summary>
internal sealed class CloudClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Uri _url;
    private readonly HttpClient _http;

    public CloudClient(Uri url)
    {
        _url = url;
        _http = new() { BaseAddress = new(url.ToString().TrimEnd('/') + "/api/v1/"), Timeout = Patience };
        _http.DefaultRequestHeaders.Accept.Add(new("application/json"));
        _http.DefaultRequestHeaders.Accept.Add(new("application/problem+json"));
    }

    /// <param name="path">Relative to the API's root, its parts escaped: see <see cref="Route"/>.</param>
    public Task<CloudAnswer> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(new(HttpMethod.Get, path), cancellationToken);

    public Task<CloudAnswer> PostAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(new(HttpMethod.Post, path) { Content = Json(JsonSerializer.Serialize(body, type)) }, cancellationToken);

    public Task<CloudAnswer> PutAsync(string path, string json, CancellationToken cancellationToken) =>
        SendAsync(new(HttpMethod.Put, path) { Content = Json(json) }, cancellationToken);

    /// <summary>An answer of any length, as it comes.</summary>
    /// <returns>How many bytes it was.</returns>
    public async Task<long> CopyAsync(string path, Stream to, CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(path, cancellationToken);
        await using var from = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await CopyAsync(from, to, cancellationToken);
    }

    /// <summary>The lines of an answer of any length, as they come.</summary>
    public async IAsyncEnumerable<string> ReadLinesAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(path, cancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await OrBrokenAsync(reader.ReadLineAsync(cancellationToken).AsTask()) is { } line)
        {
            yield return line;
        }
    }

    /// <summary>Downloads to a file, and checks that what came is what was sent.</summary>
    /// <returns>The SHA-256, and how many bytes it is of.</returns>
    public async Task<Download> DownloadAsync(string path, Stream into, CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(path, cancellationToken);
        using var hash = SHA256.Create();
        long bytes;
        await using (var hashed = new CryptoStream(into, hash, CryptoStreamMode.Write, leaveOpen: true))
        {
            await using var from = await response.Content.ReadAsStreamAsync(cancellationToken);
            bytes = await CopyAsync(from, hashed, cancellationToken);
        }

        var said = response.Headers.TryGetValues("Content-Digest", out var digests) ? string.Concat(digests) : "";
        return said == $"sha-256=:{Convert.ToBase64String(hash.Hash!)}:"
            ? new(Convert.ToHexStringLower(hash.Hash!), bytes, response.Headers.TryGetValues("Mlops-Not-Included", out var elsewhere) ? string.Concat(elsewhere) : null)
            : throw new CliException(ExitCode.Failure, "what arrived is not what the cloud sent; try again.");
    }

    /// <summary>Uploads a file of any size.</summary>
    public Task<CloudAnswer> UploadAsync(string path, Stream content, string mediaType, CancellationToken cancellationToken)
    {
        _http.Timeout = Timeout.InfiniteTimeSpan;
        return SendAsync(new(HttpMethod.Post, path) { Content = new StreamContent(content) { Headers = { ContentType = new(mediaType) } } }, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static StringContent Json(string json) => new(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private async Task<CloudAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await AskAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            return new(JsonElement.Parse(text), response.StatusCode);
        }
        catch (JsonException)
        {
            throw Foreign();
        }
    }

    private Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken) =>
        AskAsync(new(HttpMethod.Get, path), HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    private async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using var _ = request;
        try
        {
            var response = await _http.SendAsync(request, completion, cancellationToken);
            return response.IsSuccessStatusCode ? response : throw Refusal(response, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (HttpRequestException e)
        {
            throw new CliException(
                ExitCode.Failure, $"the cloud at {_url} cannot be reached ({(e.InnerException ?? e).Message}). Is it running? Another address: --url or MLOPS_URL.");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CliException(ExitCode.Failure, $"the cloud at {_url} did not answer within {Patience.TotalSeconds:0} s.");
        }
        catch (JsonException)
        {
            throw Foreign();
        }
    }

    private CliException Foreign() => new(ExitCode.Failure, $"{_url} answers, but not as an MlOps cloud does. Another address: --url or MLOPS_URL.");

    private async Task<long> CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        var buffer = new byte[65_536];
        for (int read; (read = await OrBrokenAsync(from.ReadAsync(buffer, cancellationToken).AsTask())) > 0;)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            bytes += read;
        }

        return bytes;
    }

    private async Task<T> OrBrokenAsync<T>(Task<T> read)
    {
        try
        {
            return await read;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new CliException(ExitCode.Failure, $"the cloud at {_url} broke off in the middle of its answer; its log says why, if it is running.");
        }
    }

    // The API names routes; here they are verbs.
    private static string? WayOut(string? see) => see?.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        [_, _, "devices"] => "'mlops device list' shows what there is.",
        [_, _, "telemetry", "dead-letters"] => "'mlops telemetry dead-letters' shows what there is.",
        [_, _, "models"] => "'mlops model list' shows what there is.",
        [_, _, "models", var name] => $"'mlops model show {name}' shows what there is.",
        [_, _, "telemetry", ..] => "'mlops telemetry latest' shows what there is.",
        [_, _, "rollouts"] => "'mlops rollout list' shows what there is.",
        _ => null,
    };

    private CliException Refusal(HttpResponseMessage response, string text)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return new(
                response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? ExitCode.Auth : ExitCode.Failure,
                $"{_url} answers {(int)response.StatusCode}, but not as an MlOps cloud does. Another address: --url or MLOPS_URL.");
        }

        var problem = JsonSerializer.Deserialize(text, CloudJson.Default.ProblemDocument);
        return new(
            response.StatusCode switch
            {
                HttpStatusCode.BadRequest => ExitCode.Usage,
                HttpStatusCode.NotFound => ExitCode.NotFound,
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ExitCode.Auth,
                HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity => ExitCode.Conflict,
                _ => ExitCode.Failure,
            },
            problem is { Detail: { } detail } ? WayOut(problem.See) is { } way ? $"{detail} {way}" : detail
                : problem?.Title ?? $"the cloud at {_url} answers {(int)response.StatusCode}.");
    }
}

/// <param name="NotIncluded">What the cloud says is not in it.</param>
internal sealed record Download(string Sha256, long Bytes, string? NotIncluded);
