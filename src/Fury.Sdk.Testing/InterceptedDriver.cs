using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Fury.Sdk.Drivers;

namespace Fury.Sdk.Testing;

/// <summary>A driver with an interceptor before each of its asynchronous members, whatever its interface.</summary>
public class InterceptedDriver : DispatchProxy
{
    private static readonly MethodInfo WithResult =
        typeof(InterceptedDriver).GetMethod(nameof(Typed), BindingFlags.NonPublic | BindingFlags.Static)!;

    private IDriver _inner = null!;
    private string _service = "";
    private DriverInterceptor _interceptor = null!;

    /// <summary>Wraps a driver in its own interface.</summary>
    public static IDriver Wrap(IDriver inner, string service, DriverInterceptor interceptor)
    {
        ArgumentNullException.ThrowIfNull(inner);
        var contract = inner.GetType().GetInterfaces().Single(
            each => each != typeof(IDriver) && typeof(IDriver).IsAssignableFrom(each));
        var wrapped = (InterceptedDriver)Create(contract, typeof(InterceptedDriver));
        (wrapped._inner, wrapped._service, wrapped._interceptor) = (inner, service, interceptor);
        return (IDriver)(object)wrapped;
    }

    [SuppressMessage("Reliability", "CA2012", Justification = "They are boxed once, for whoever called through the proxy, and awaited once.")]
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var method = targetMethod!;
        if (method.Name == nameof(IAsyncDisposable.DisposeAsync))
        {
            return _inner.DisposeAsync();
        }

        if (method.Name == "get_" + nameof(IDriver.EndsAtOnce))
        {
            // Whatever stands between may not.
            return false;
        }

        var call = new DriverCall(_service, method.Name, args ?? []);
        var type = method.ReturnType;
        return type == typeof(ValueTask) ? Plain(call, method)
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>)
                ? WithResult.MakeGenericMethod(type.GetGenericArguments()[0]).Invoke(null, [this, call, method])
                : Ask(method, call.Arguments);
    }

    private static async ValueTask<T> Typed<T>(InterceptedDriver driver, DriverCall call, MethodInfo method) =>
        (T)(await driver._interceptor(call, async () => await (ValueTask<T>)driver.Ask(method, call.Arguments)!))!;

    private async ValueTask Plain(DriverCall call, MethodInfo method) => await _interceptor(call, async () =>
    {
        await (ValueTask)Ask(method, call.Arguments)!;
        return null;
    });

    private object? Ask(MethodInfo method, object?[] arguments)
    {
        try
        {
            return method.Invoke(_inner, arguments);
        }
        catch (TargetInvocationException wrapped)
        {
            ExceptionDispatchInfo.Throw(wrapped.InnerException!);
            throw;
        }
    }
}
