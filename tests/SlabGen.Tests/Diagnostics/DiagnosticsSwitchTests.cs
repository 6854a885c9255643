using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using SlabGen.Events;

namespace SlabGen.Tests.Diagnostics;

/// <summary>Metrics and events can be left out of a program: the package, the code and the trimmer speak of one switch.</summary>
public sealed class DiagnosticsSwitchTests
{
    [Fact]
    public void The_property_of_the_package_sets_the_switch_that_the_trimmer_knows()
    {
        PropertyInfo property = typeof(DiagnosticsSwitch).GetProperty(nameof(DiagnosticsSwitch.IsSupported))!;
        string name = property.GetCustomAttribute<FeatureSwitchDefinitionAttribute>()!.SwitchName;
        string targets = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "src", "SlabGen", "buildTransitive", "SlabGen.targets"));
        Assert.Contains($"""<RuntimeHostConfigurationOption Include="{name}" Condition="'$(SlabGenDiagnostics)' != ''" Value="$(SlabGenDiagnostics)" Trim="true" />""", targets, StringComparison.Ordinal);
        Assert.True(DiagnosticsSwitch.IsSupported); // nobody said otherwise
    }
}
