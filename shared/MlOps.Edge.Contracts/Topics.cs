namespace MlOps.Edge.Contracts;

/// <summary>
/// The MQTT topics of protocol version 1. A device id is one whole topic level, which the broker binds to the
/// authenticated identity; nothing a payload says about its sender counts.
/// </summary>
public static class Topics
{
    public const string Root = "mlops/v1";

    /// <summary>What the gateway listens to: everything that devices say.</summary>
    public const string AllUp = $"{Root}/d/+/up/#";

    /// <summary>Retained: the public key that signs models, PEM (SubjectPublicKeyInfo). See docs/mqtt-api.md for when an agent may believe it.</summary>
    public const string ModelSigningKey = $"{Root}/t/model-signing";

    public static string Telemetry(DeviceId device) => $"{Root}/d/{device}/up/telemetry";

    public static string Reported(DeviceId device) => $"{Root}/d/{device}/up/reported";

    /// <summary>Retained, and the connection's will.</summary>
    public static string Status(DeviceId device) => $"{Root}/d/{device}/up/status";

    /// <summary>Retained pointer to what the device should run.</summary>
    public static string Desired(DeviceId device) => $"{Root}/d/{device}/down/desired";

    public static string Acknowledgement(DeviceId device) => $"{Root}/d/{device}/down/ack";

    /// <summary>Retained: one blob (a chunk, a manifest or a signature), named by its own hash.</summary>
    public static string Blob(Sha256Digest digest) => $"{Root}/b/{digest}";

    /// <summary>Reads the sender and the subject of a topic under <see cref="AllUp"/>.</summary>
    public static bool TryParseUp(string topic, out DeviceId device, out UpSubject subject)
    {
        device = default;
        subject = default;
        const string prefix = $"{Root}/d/";
        if (!topic.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var end = topic.IndexOf('/', prefix.Length);
        if (end < 0 || !DeviceId.TryParse(topic[prefix.Length..end], null, out device))
        {
            return false;
        }

        switch (topic.AsSpan(end))
        {
            case "/up/telemetry": subject = UpSubject.Telemetry; return true;
            case "/up/reported": subject = UpSubject.Reported; return true;
            case "/up/status": subject = UpSubject.Status; return true;
            default: return false;
        }
    }

    /// <summary>Reads the digest of a topic <c>mlops/v1/b/{sha256}</c>.</summary>
    public static bool TryParseBlob(string topic, out Sha256Digest digest)
    {
        const string prefix = $"{Root}/b/";
        digest = default;
        return topic.StartsWith(prefix, StringComparison.Ordinal) && Sha256Digest.TryParse(topic[prefix.Length..], null, out digest);
    }
}

/// <summary>What a device speaks of.</summary>
public enum UpSubject { Telemetry, Reported, Status }
