using Fury.Providers.Contracts;

namespace Fury.Providers.Azure.Tests.Instances;

public sealed class VmReadingTests
{
    [Theory]
    [InlineData("Creating", null, ProviderInstanceState.Pending)]
    [InlineData("Creating", "starting", ProviderInstanceState.Pending)]
    [InlineData("Succeeded", "running", ProviderInstanceState.Running)]
    [InlineData("Updating", "running", ProviderInstanceState.Running)]
    [InlineData("Failed", "running", ProviderInstanceState.Running)]
    [InlineData("Failed", null, ProviderInstanceState.Stopped)]
    [InlineData("Succeeded", "stopping", ProviderInstanceState.Stopping)]
    [InlineData("Succeeded", "deallocating", ProviderInstanceState.Stopping)]
    [InlineData("Succeeded", "stopped", ProviderInstanceState.Stopped)]
    [InlineData("Succeeded", "deallocated", ProviderInstanceState.Stopped)]
    [InlineData("Deleting", "running", ProviderInstanceState.Stopping)]
    public void What_a_machine_does_goes_before_what_was_done_to_it(string provisioning, string? power, ProviderInstanceState state) =>
        Assert.Equal(state, VmReading.StateOf(provisioning, power));

    [Theory]
    [InlineData("Spot", "deallocated", Limits.Capacity)]
    [InlineData("Spot", "stopped", null)]
    [InlineData(null, "deallocated", null)]
    public void Only_a_spot_instance_is_taken_back(string? priority, string power, string? limit)
    {
        var vm = new AzureVm { Name = "x", Properties = new() { ProvisioningState = "Succeeded", Priority = priority } };

        var seen = VmReading.Of(vm, new() { Statuses = [new($"PowerState/{power}", null, null)] }, null);

        Assert.NotNull(seen.Failure);
        Assert.Equal(limit, seen.Failure.Facts.GetValueOrDefault(Limits.Fact));
    }

    [Fact]
    public void One_that_is_being_deleted_has_not_failed_whatever_it_was_before()
    {
        var vm = new AzureVm { Name = "x", Properties = new() { ProvisioningState = "Deleting", Priority = "Spot" } };

        Assert.Null(VmReading.Of(vm, new() { Statuses = [new("PowerState/deallocated", null, null)] }, null).Failure);
    }

    [Fact]
    public void Tags_of_fury_are_read_whatever_their_capitals()
    {
        var vm = new AzureVm { Tags = new() { ["Fury-Client-Token"] = "token" } };

        Assert.Equal("token", VmReading.Of(vm, new(), null).ClientToken);
    }
}
