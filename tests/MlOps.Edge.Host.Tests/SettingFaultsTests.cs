using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MlOps.Edge.Gateway;

namespace MlOps.Edge.Host.Tests;

public sealed class SettingFaultsTests
{
    [Theory]
    [InlineData("Gateway:Port", "70000", "Gateway:Port must be between 0 and 65535.")]
    [InlineData("Gateway:Broker:MaxPayloadBytes", "1", "Gateway:Broker:MaxPayloadBytes must be between 1024 and 268435456.")]
    [InlineData("Gateway:Host", "", "Gateway:Host is required.")]
    [InlineData("Gateway:Broker:Address", "here", "Gateway:Broker:Address 'here' is not an IP address; write e.g. 127.0.0.1 or 0.0.0.0.")]
    public void A_value_out_of_range_is_named_by_its_key(string key, string value, string expected)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Gateway(key, value));
        Assert.Equal(expected, SettingFaults.Explain(error));
    }

    [Theory]
    [InlineData("Gateway:Port", "many", "Gateway:Port is 'many'; it must be a whole number, e.g. 20.")]
    [InlineData("Gateway:Broker:Enabled", "maybe", "Gateway:Broker:Enabled is 'maybe'; it must be true or false.")]
    public void A_value_of_another_type_is_named_by_its_key_and_what_goes_there_in_plain_words(string key, string value, string expected)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Gateway(key, value));
        Assert.Equal(expected, SettingFaults.Explain(error));
    }

    [Fact]
    public void What_is_no_setting_is_left_alone() => Assert.Null(SettingFaults.Explain(new InvalidOperationException("a bug")));

    private static GatewayOptions Gateway(string key, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        using var services = new ServiceCollection().AddGateway(configuration).BuildServiceProvider();
        return services.GetRequiredService<IOptions<GatewayOptions>>().Value;
    }
}
