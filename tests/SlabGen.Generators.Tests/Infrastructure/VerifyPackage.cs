using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using VerifyTests;
using VerifyXunit;

namespace SlabGen.Generators.Tests;

/// <summary>Compares the baselines by the package Verify.SourceGenerators. Compiled with <c>-p:UseVerify=true</c> alone.</summary>
internal static class VerifyPackage
{
    [ModuleInitializer]
    public static void Initialize() => VerifySourceGenerators.Initialize();

    public static async Task Verify(GeneratorDriver driver, Func<string, string> scrub, string testFile)
    {
        var settings = new VerifySettings();
        settings.ScrubLinesWithReplace(line => scrub(line));
        await Verifier.Verify(driver, settings, testFile);
    }
}
