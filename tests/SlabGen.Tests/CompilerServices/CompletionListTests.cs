using System.ComponentModel;
using System.Reflection;
using SlabGen.CompilerServices;

namespace SlabGen.Tests.CompilerServices;

/// <summary>
/// Proves that what only generated code calls is in a namespace of its own. Catches a public member for generated code on a type
/// that users see: its namesakes without a slot would stand beside it in every completion list and signature help.
/// </summary>
public sealed class CompletionListTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void Types_that_users_see_have_no_hidden_member() => Assert.Empty(
        from type in typeof(KmemCache).Assembly.GetExportedTypes()
        where !IsForGeneratedCode(type)
        from member in type.GetMembers(Declared).Append(type)
        where member.GetCustomAttribute<EditorBrowsableAttribute>() is { State: EditorBrowsableState.Never }
        select $"{type.Name}.{member.Name}");

    [Fact]
    public void Types_that_users_see_name_no_type_for_generated_code() => Assert.Empty(
        from type in typeof(KmemCache).Assembly.GetExportedTypes()
        where !IsForGeneratedCode(type)
        from method in type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared))
        where method.GetParameters().Any(parameter => IsForGeneratedCode(parameter.ParameterType))
            || (method is MethodInfo info && IsForGeneratedCode(info.ReturnType))
        select $"{type.Name}.{method.Name}");

    [Fact]
    public void Types_for_generated_code_are_hidden() => Assert.All(
        typeof(KmemCache).Assembly.GetExportedTypes().Where(IsForGeneratedCode),
        type => Assert.Equal(EditorBrowsableState.Never, type.GetCustomAttribute<EditorBrowsableAttribute>()?.State));

    private static bool IsForGeneratedCode(Type type) => (type.GetElementType() ?? type).Namespace == typeof(GeneratedCache).Namespace;
}
