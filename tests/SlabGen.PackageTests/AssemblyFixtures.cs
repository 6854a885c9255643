[assembly: AssemblyFixture(typeof(SlabGen.PackageTests.Package))]
