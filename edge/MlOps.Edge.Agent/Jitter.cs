using System.Security.Cryptography;
using System.Text;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Agent;

/// <summary>Spreads the waits of a fleet that lost its broker at the same moment. Seeded by the device id: repeatable.</summary>
internal sealed class Jitter(DeviceId device)
{
    private readonly Random _random = new(BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(device.ToString()))));

    /// <summary>Between 80 and 120 % of the time.</summary>
    public TimeSpan Around(TimeSpan time)
    {
        lock (_random)
        {
            return time * (0.8 + (0.4 * _random.NextDouble()));
        }
    }
}
