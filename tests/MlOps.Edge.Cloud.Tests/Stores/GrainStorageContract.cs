using Microsoft.Extensions.DependencyInjection;
using MlOps.Edge.Cloud.Devices;
using Orleans.Runtime;
using Orleans.Storage;

namespace MlOps.Edge.Cloud.Tests.Stores;

/// <summary>What grain storage owes its callers.</summary>
public sealed class GrainStorageContract(TestSilo silo) : IClassFixture<TestSilo>
{
    private static readonly Assignment Some = new(new AssignedModel("m", 3, "aa", "bb"), null, "r");

    private IGrainStorage Storage => silo.Get<IServiceProvider>().GetRequiredKeyedService<IGrainStorage>("Default");

    [Fact]
    public async Task What_was_never_written_is_empty_and_does_not_exist()
    {
        var read = await ReadAsync("never");
        Assert.Equal((false, null, null), (read.RecordExists, read.ETag, read.State!.Desired));
    }

    [Fact]
    public async Task What_was_written_is_read_with_the_tag_that_may_overwrite_it()
    {
        var written = await WriteAsync("written", new DeviceState { Desired = Some, DesiredEpoch = 5 });
        var read = await ReadAsync("written");
        Assert.Equal((true, written.ETag, Some, 5), (read.RecordExists, read.ETag, read.State!.Desired, read.State!.DesiredEpoch));

        await Storage.WriteStateAsync("test", Id("written"), read);
        Assert.NotEqual(written.ETag, read.ETag);
    }

    [Fact]
    public async Task Of_two_who_read_the_same_only_the_first_writes()
    {
        await WriteAsync("raced", new DeviceState { DesiredEpoch = 1 });
        var (one, two) = (await ReadAsync("raced"), await ReadAsync("raced"));
        one.State = new DeviceState { DesiredEpoch = 2 };
        await Storage.WriteStateAsync("test", Id("raced"), one);

        two.State = new DeviceState { DesiredEpoch = 3 };
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("test", Id("raced"), two));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync("test", Id("raced"), two));
        Assert.Equal(2, (await ReadAsync("raced")).State!.DesiredEpoch);
    }

    [Fact]
    public async Task Of_two_who_found_nothing_only_the_first_writes()
    {
        await WriteAsync("fresh", new DeviceState { DesiredEpoch = 1 });
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync("fresh", new DeviceState { DesiredEpoch = 2 }));
    }

    [Fact]
    public async Task Cleared_is_gone_and_whoever_read_before_is_still_fenced_off()
    {
        var old = await WriteAsync("cleared", new DeviceState { DesiredEpoch = 1 });
        var read = await ReadAsync("cleared");
        await Storage.ClearStateAsync("test", Id("cleared"), read);

        Assert.False((await ReadAsync("cleared")).RecordExists);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync("test", Id("cleared"), old));
        await Storage.WriteStateAsync("test", Id("cleared"), read);
        Assert.True((await ReadAsync("cleared")).RecordExists);
    }

    private static GrainId Id(string key) => GrainId.Create("test", key);

    private async Task<GrainState<DeviceState>> ReadAsync(string key)
    {
        var state = new GrainState<DeviceState>();
        await Storage.ReadStateAsync("test", Id(key), state);
        return state;
    }

    private async Task<GrainState<DeviceState>> WriteAsync(string key, DeviceState value)
    {
        var state = new GrainState<DeviceState>(value);
        await Storage.WriteStateAsync("test", Id(key), state);
        return state;
    }
}
