using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Edge.Contracts;
using MlOps.Edge.Contracts.Documents;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Simulator.Cloud;

/// <summary>What the people and systems of a plant tell the cloud over REST: which model they want, and what maintenance did.</summary>
internal sealed class CloudClient(HttpClient http)
{
    /// <summary>Writes the model's definition; the same again is fine.</summary>
    public Task DefineModelAsync(ModelDefinition definition, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, $"models/{definition.Name}", JsonContent.Create(definition, ContractsJson.Default.ModelDefinition), cancellationToken);

    /// <summary>How far apart the frames of a model are that the cloud has.</summary>
    public async Task<TimeSpan> SampleIntervalAsync(string model, CancellationToken cancellationToken)
    {
        using var response = await RequestAsync(HttpMethod.Get, $"models/{model}", null, cancellationToken);
        var known = await response.Content.ReadFromJsonAsync(CloudJson.Default.ModelAnswer, cancellationToken);
        return known?.Definition.SampleInterval ?? throw new CloudException($"The cloud's answer about the model {model} is empty.");
    }

    /// <summary>Takes the model into the loop.</summary>
    public Task BeginLifecycleAsync(string model, LifecycleBody order, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"models/{model}/lifecycle", JsonContent.Create(order, CloudJson.Default.LifecycleBody), cancellationToken);

    public Task RecordAsync(MaintenanceBody entry, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "events", JsonContent.Create(entry, CloudJson.Default.MaintenanceBody), cancellationToken);

    /// <summary>Moves virtual time: the cloud takes every decision up to the watermark, and returns what each device should now know.</summary>
    public async Task<IReadOnlyDictionary<string, long>> AdvanceClockAsync(DateTimeOffset watermark, CancellationToken cancellationToken)
    {
        using var response = await RequestAsync(HttpMethod.Post, "clock", JsonContent.Create(new ClockBody(watermark), CloudJson.Default.ClockBody), cancellationToken);
        var clock = await response.Content.ReadFromJsonAsync(CloudJson.Default.ClockAnswer, cancellationToken);
        return clock?.DesiredEpochs ?? throw new CloudException("The cloud's answer to the clock is empty.");
    }

    /// <summary>Whether the cloud sees the device's connection; false for one it has never heard of.</summary>
    public async Task<bool> IsOnlineAsync(DeviceId device, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(new Uri($"api/v1/devices/{device}", UriKind.Relative), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }

        await ThrowUnlessGoodAsync(response, cancellationToken);
        return (await response.Content.ReadFromJsonAsync(CloudJson.Default.DeviceAnswer, cancellationToken))?.Online ?? false;
    }

    private async Task SendAsync(HttpMethod method, string path, HttpContent body, CancellationToken cancellationToken)
    {
        using var response = await RequestAsync(method, path, body, cancellationToken);
    }

    private async Task<HttpResponseMessage> RequestAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri($"api/v1/{path}", UriKind.Relative)) { Content = body };
        try
        {
            var response = await http.SendAsync(request, cancellationToken);
            await ThrowUnlessGoodAsync(response, cancellationToken);
            return response;
        }
        catch (Exception e) when (e is HttpRequestException { StatusCode: null } || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CloudException($"The cloud at {http.BaseAddress} does not answer ({e.Message}). Start it, or name it with --cloud.", e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CloudException($"The cloud at {http.BaseAddress} did not answer within {http.Timeout.TotalSeconds:0} s.", e);
        }
    }

    private static async Task ThrowUnlessGoodAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        throw new CloudException($"The cloud refused {response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.AbsolutePath}: {(int)response.StatusCode} {Detail(body)}") { Status = response.StatusCode };
    }

    private static string Detail(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, CloudJson.Default.ProblemAnswer) is { } problem ? problem.Detail ?? problem.Title ?? body : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }
}

/// <summary>The cloud could not be asked, or said no; the message says why.</summary>
internal sealed class CloudException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What the cloud answered; null: nothing.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>The same request may go well later: the cloud was away or in trouble, and did not say no.</summary>
    public bool MayPass => Status is null or >= HttpStatusCode.InternalServerError;
}

internal sealed record LifecycleBody(long Seed, TimeSpan TrainingTime, string? Trainer = null, int Cohort = 0);

/// <param name="Kind">failure, replaced or inspected.</param>
/// <param name="Frame">The last frame the unit lived.</param>
/// <param name="At">Null: when that frame was taken.</param>
internal sealed record MaintenanceBody(string Id, string Asset, int Installation, string Kind, long Frame, DateTimeOffset? At, string? Note, string RecordedBy);

internal sealed record ClockBody(DateTimeOffset Watermark);

internal sealed record ClockAnswer(DateTimeOffset Watermark, Dictionary<string, long> DesiredEpochs);

internal sealed record DeviceAnswer(bool Online);

internal sealed record ModelAnswer(DefinitionAnswer Definition);

internal sealed record DefinitionAnswer(TimeSpan SampleInterval);

internal sealed record ProblemAnswer(string? Title, string? Detail);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LifecycleBody))]
[JsonSerializable(typeof(MaintenanceBody))]
[JsonSerializable(typeof(ClockBody))]
[JsonSerializable(typeof(ClockAnswer))]
[JsonSerializable(typeof(DeviceAnswer))]
[JsonSerializable(typeof(ModelAnswer))]
[JsonSerializable(typeof(ProblemAnswer))]
internal sealed partial class CloudJson : JsonSerializerContext;
