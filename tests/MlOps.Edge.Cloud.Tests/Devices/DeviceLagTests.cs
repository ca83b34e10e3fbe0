using MlOps.Edge.Cloud.Devices;

namespace MlOps.Edge.Cloud.Tests.Devices;

public class DeviceLagTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);

    [Theory]
    [InlineData(7, true, 60, 7)]
    [InlineData(7, false, 60, 67)]
    [InlineData(0, false, 60, 60)]
    [InlineData(7, false, null, 7)]
    [InlineData(null, false, 60, null)]
    [InlineData(7, false, -5, 7)]
    public void It_is_what_the_device_said_and_grows_while_it_is_away(int? said, bool online, int? heardBefore, int? expected) =>
        Assert.Equal(Seconds(expected), DeviceLag.At(Now, Seconds(said), online, heardBefore is { } s ? Now.AddSeconds(-s) : null));

    private static TimeSpan? Seconds(int? seconds) => seconds is { } s ? TimeSpan.FromSeconds(s) : null;
}
