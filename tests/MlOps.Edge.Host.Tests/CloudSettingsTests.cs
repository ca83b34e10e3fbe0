using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace MlOps.Edge.Host.Tests;

public sealed class CloudSettingsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-host-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_port_that_is_taken_is_named_with_what_wanted_it_and_the_option()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var taken = ((IPEndPoint)holder.LocalEndpoint).Port;
        var error = Assert.Throws<UserErrorException>(() => CloudSettings.FreePort(taken, "the MQTT broker", "--mqtt-port"));
        Assert.Equal(ExitCodes.Conflict, error.ExitCode);
        Assert.Contains(taken.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Contains("the MQTT broker", error.Message, StringComparison.Ordinal);
        Assert.Contains("--mqtt-port", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public void A_number_that_is_no_port_is_wrong_usage(int port) =>
        Assert.Equal(ExitCodes.Usage, Assert.Throws<UserErrorException>(() => CloudSettings.FreePort(port, "REST", "--http-port")).ExitCode);

    [Fact]
    public void Port_0_is_any_that_is_free() => Assert.InRange(CloudSettings.FreePort(0, "REST", "--http-port"), 1, 65535);

    [Fact]
    public void A_port_setting_that_is_no_number_is_named()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Cloud:HttpPort", "eighty")]).Build();
        Assert.Contains("Cloud:HttpPort is 'eighty'", Assert.Throws<UserErrorException>(() => CloudSettings.Port(configuration, "Cloud:HttpPort", 5080)).Message, StringComparison.Ordinal);
        Assert.Equal(1883, CloudSettings.Port(configuration, "Gateway:Broker:Port", 1883));
    }

    [Fact]
    public void A_folder_setting_that_is_empty_is_named_and_one_that_is_not_there_is_none()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Cloud:DataFolder", "")]).Build();
        var error = Assert.Throws<UserErrorException>(() => CloudSettings.Folder(configuration, "Cloud:DataFolder"));
        Assert.Equal((ExitCodes.Usage, "Cloud:DataFolder is empty; name a folder, or leave it out."), (error.ExitCode, error.Message));
        Assert.Null(CloudSettings.Folder(new ConfigurationBuilder().Build(), "Cloud:DataFolder"));
    }

    [Fact]
    public void A_writable_folder_is_made_and_left_empty()
    {
        var folder = CloudSettings.Writable(Path.Combine(_folder.FullName, "a", "b"), "--out");
        Assert.True(Directory.Exists(folder));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_or_written_is_named_with_the_option()
    {
        // A file where a folder should be stops even root.
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");
        var error = Assert.Throws<UserErrorException>(() => CloudSettings.Writable(Path.Combine(file, "data"), "--data-folder"));
        Assert.Contains(Path.Combine(file, "data"), error.Message, StringComparison.Ordinal);
        Assert.Contains("--data-folder", error.Message, StringComparison.Ordinal);
    }
}
