using System.Text;
using System.Text.Json;
using MlOps.Edge.Cloud.Telemetry;

namespace MlOps.Edge.Api.Telemetry;

/// <summary>
/// New readings as server-sent events: <c>open</c> once, from where on nothing is left out; <c>readings</c>; <c>missed</c>, how many frames were skipped because
/// the reader was too slow; and <c>alive</c> where there is nothing else to say.
/// </summary>
internal static class LiveEvents
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <summary>Goes on until it is cancelled.</summary>
    public static async Task WriteAsync(Stream to, ILiveSubscription subscription, TimeProvider clock, CancellationToken cancellationToken)
    {
        await SendAsync(to, "open", _ => { }, cancellationToken);
        while (true)
        {
            var next = subscription.NextAsync(cancellationToken).AsTask();
            while (!next.IsCompleted)
            {
                using var heard = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                if (await Task.WhenAny(next, Task.Delay(Silence, clock, heard.Token)) != next)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    await SendAsync(to, "alive", _ => { }, cancellationToken);
                }

                await heard.CancelAsync();
            }

            var live = await next;
            if (live.Missed > 0)
            {
                await SendAsync(to, "missed", json => json.WriteNumber("frames", live.Missed), cancellationToken);
            }

            await SendAsync(to, "readings", json => Write(json, live), cancellationToken);
        }
    }

    private static void Write(Utf8JsonWriter json, LiveReadings live)
    {
        PageJson.WriteChannels(json, live.Channels);
        PageJson.WriteColumns(json, live.Page, live.Channels);
    }

    private static async Task SendAsync(Stream to, string kind, Action<Utf8JsonWriter> members, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        text.Write(Encoding.UTF8.GetBytes($"event: {kind}\ndata: "));
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        text.Write("\n\n"u8);
        await to.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), cancellationToken);
        await to.FlushAsync(cancellationToken);
    }
}
