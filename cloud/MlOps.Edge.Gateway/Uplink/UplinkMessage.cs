using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MlOps.Edge.Contracts;
using MQTTnet;
using MQTTnet.Packets;

namespace MlOps.Edge.Gateway.Uplink;

/// <summary>Something a device said. The device is the topic's word, which the broker vouches for.</summary>
/// <param name="Done">Tells the broker that the cloud has dealt with it.</param>
internal sealed record UplinkMessage(DeviceId Device, UpSubject Subject, byte[] Payload, long ReceivedTicks, Func<Task> Done)
{
    // What a message takes beside its payload: the record, its place in a lane, its task.
    private const int Overhead = 512;

    /// <summary>The W3C trace context that the device sent along; null: none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The device's session and uptime as it published this: <c>session:milliseconds</c>; null: it says none.</summary>
    public string? Clock { get; init; }

    /// <summary>What it counts for in memory.</summary>
    public long Bytes => Payload.Length + Overhead;

    /// <summary>False: the topic means nothing here.</summary>
    /// <param name="receivedTicks">A timestamp of the clock that measures how long the answer takes.</param>
    public static bool TryFrom(MqttApplicationMessage message, long receivedTicks, Func<Task> done, [NotNullWhen(true)] out UplinkMessage? uplink)
    {
        uplink = Topics.TryParseUp(message.Topic, out var device, out var subject) ? From(message, device, subject, receivedTicks, done) : null;
        return uplink is not null;
    }

    /// <inheritdoc cref="TryFrom"/>
    public static UplinkMessage From(MqttApplicationMessage message, DeviceId device, UpSubject subject, long receivedTicks, Func<Task> done) =>
        // The library may use the payload's memory again.
        new(device, subject, message.Payload.ToArray(), receivedTicks, done) { TraceParent = Property(message, "traceparent"), Clock = Property(message, "clock") };

    private static string? Property(MqttApplicationMessage message, string name) =>
        message.UserProperties?.Find(property => property.Name == name)?.ReadValueAsString();
}
