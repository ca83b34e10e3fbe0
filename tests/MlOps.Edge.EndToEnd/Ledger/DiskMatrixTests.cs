using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>A full disk on either side, and room again.</summary>
[Collection(OneAfterAnother.Name)]
public sealed class DiskMatrixTests(ITestOutputHelper output)
{
    // Not above what two of the batches take that a rig's devices make.
    private const string LittleMemory = "400";

    [Theory]
    [InlineData(LedgerBroker.Embedded, LedgerStore.Sqlite)]
    [InlineData(LedgerBroker.Mosquitto, LedgerStore.Sqlite)]
    [InlineData(LedgerBroker.Embedded, LedgerStore.Postgres)]
    [InlineData(LedgerBroker.Mosquitto, LedgerStore.Postgres)]
    public async Task A_full_disk_of_a_device_loses_nothing_that_fits_into_its_memory(LedgerBroker broker, LedgerStore store)
    {
        LedgerNeeds.OfDevices(broker, store);
        using var disk = SmallDisk.Mount(megabytes: 4);
        await using var rig = await LedgerRig.StartAsync(output, new(broker) { Store = store, Devices = 1, DeviceFolder = disk.Folder });
        await FullAsync(rig, disk);
        disk.MakeRoom();
        await rig.ProgressAsync();
        await FullAsync(rig, disk);
        rig.Say("SIGKILL to the agent while its disk is full");
        await rig.Devices[0].KillAsync();
        disk.MakeRoom();
        rig.Devices[0].Start();
        await rig.ProgressAsync();
        await rig.RequireEvenAsync("stopped");
    }

    [Fact]
    public async Task What_no_memory_holds_while_a_devices_disk_is_full_is_in_exact_gap_records()
    {
        LedgerNeeds.Whole();
        using var disk = SmallDisk.Mount(megabytes: 4);
        await using var rig = await LedgerRig.StartAsync(
            output, new(LedgerBroker.Embedded) { Devices = 1, DeviceFolder = disk.Folder, Options = new Dictionary<string, string> { ["Outbox:HeldBytes"] = LittleMemory } });
        for (var round = 0; round < 2; round++)
        {
            await rig.ProgressAsync();
            await FullAsync(rig, disk);
            disk.MakeRoom();
        }

        await rig.ProgressAsync();
        await rig.RequireEvenAsync("unwritten");
    }

    [Theory]
    [InlineData(LedgerBroker.Embedded)]
    [InlineData(LedgerBroker.Mosquitto)]
    public async Task A_full_disk_of_the_cloud_loses_nothing(LedgerBroker broker)
    {
        LedgerNeeds.Whole();
        LedgerNeeds.Of(broker);
        using var disk = SmallDisk.Mount(megabytes: 32);
        await using var rig = await LedgerRig.StartAsync(output, new(broker) { CloudFolder = disk.Folder });
        for (var round = 0; round < 2; round++)
        {
            await rig.ProgressAsync();
            rig.Say("the disk of the cloud is filled");
            disk.Fill();
            await Wait.UntilAsync("the cloud acknowledges nothing any more", () => rig.Devices.All(device => device.Outbox is { Pending: > 8 }));
            if (round == 1)
            {
                rig.Say("SIGKILL to the cloud while its disk is full");
                await rig.Cloud.KillAsync();
            }

            disk.MakeRoom();
            if (round == 1)
            {
                await rig.Cloud.StartAsync();
            }

            await Wait.UntilAsync("the cloud has caught up", () => rig.Devices.All(device => device.Outbox is { Pending: < 3 }));
        }

        await rig.RequireEvenAsync();
    }

    // Until the device has measured for a while and its file has taken none of it.
    private static async Task FullAsync(LedgerRig rig, SmallDisk disk)
    {
        rig.Say("the disk of the device is filled");
        disk.Fill();
        var device = rig.Devices[0];
        await Wait.UntilAsync("the outbox takes nothing any more", async () =>
        {
            var (age, given) = (device.Outbox!.Value.Age, device.Bench.Given.Count);
            await Wait.UntilAsync("the bench gives more", () => device.Bench.Given.Count >= given + 40);
            return device.Outbox!.Value.Age == age;
        });
        await rig.ProgressAsync(80);
    }
}
